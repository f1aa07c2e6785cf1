import * as S from "fp-ts/lib/State.js";
import type { Value } from "../../core/value.ts";
import {
  initializers,
  initLayerNorm,
  layerNorm,
  rmsNorm,
  scaleNorm,
  type Key,
  type LayerNormParams,
} from "../../nn/index.ts";
import { add, broadcastTo } from "../../numpy/index.ts";

/**
 * What a half-block does to its input first. `layer`: layer norm. `uncentred`: the same without taking off the mean (trax with
 * `center_layernorm=False`). `rms`: that without a shift (Zhang & Sennrich 2019). `scale`: to a learned length (Nguyen & Salazar
 * 2019; lucidrains' `use_scale_norm`). `none`: nothing, as lucidrains has it with ReZero.
 */
export type NormKind = "layer" | "uncentred" | "rms" | "scale" | "none";

/** All of them. */
export const normKinds = ["layer", "uncentred", "rms", "scale", "none"] as const;

/** gamma f32[width] and beta f32[width]; gamma alone for `rms`, f32[] for `scale`; null for `none`. */
export type NormParams = LayerNormParams | Pick<LayerNormParams, "gamma"> | null;

/** x f32[rows, width] normalised by parameters of that kind. @throws ReformaxError where they are of another kind */
export function normalize(kind: NormKind, params: NormParams, x: Value, epsilon: number): Value {
  // The norms themselves say what parameters lack.
  const given = params as LayerNormParams;
  switch (kind) {
    case "layer":
      return layerNorm(given, x, { epsilon });
    case "uncentred":
      return add(rmsNorm(given, x, { epsilon }), broadcastTo(given.beta, x.shape));
    case "rms":
      return rmsNorm(given, x, { epsilon });
    case "scale":
      return scaleNorm(given, x, { epsilon });
    case "none":
      return x;
    default:
      return kind satisfies never;
  }
}

/** Gains of one, shifts of zero. Draws nothing. */
export function initNorm(kind: NormKind, width: number): S.State<Key, NormParams> {
  switch (kind) {
    case "layer":
    case "uncentred":
      return initLayerNorm(width);
    case "rms":
      return (key) => [{ gamma: initializers.ones([width])(key)[0] }, key];
    case "scale":
      return (key) => [{ gamma: initializers.ones([])(key)[0] }, key];
    case "none":
      return S.of(null);
    default:
      return kind satisfies never;
  }
}

/** Elements of {@link NormParams}. */
export function normSize(kind: NormKind, width: number): number {
  switch (kind) {
    case "layer":
    case "uncentred":
      return 2 * width;
    case "rms":
      return width;
    case "scale":
      return 1;
    case "none":
      return 0;
    default:
      return kind satisfies never;
  }
}
