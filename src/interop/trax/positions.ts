import type { Shape } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import { reshape } from "../../numpy/index.ts";
import type { PositionConfig } from "../../reformer/index.ts";
import type { PositionParams } from "../../reformer/models/positions.ts";
import { fixedBaseTable, fixedBaseShapes } from "./fixed-base.ts";
import type { TraxOptions } from "./options.ts";
import type { Weight } from "./weights.ts";

/** How a model tells places apart: trax's weights for it, and what they are here. */
export interface TraxPositions {
  readonly config: PositionConfig;
  /** Of its weights, in their order. */
  readonly shapes: readonly Shape[];
  readonly params: (weights: readonly Value[]) => PositionParams;
}

type Options = Pick<
  TraxOptions,
  "pos_type" | "pos_axial_shape" | "pos_d_axial_embs" | "max_len" | "d_model"
>;

/**
 * Without a `pos_type` an axial shape meant axial tables until 2021, and has meant nothing since; and learned tables had an axis more in
 * the beginning. The weight behind the embedding tells which it is.
 */
export function positionsOf(options: Options, [, weight]: readonly Weight[]): TraxPositions {
  const { pos_type: kind, pos_axial_shape: shape, max_len: length, d_model: width } = options;
  const axes = weight?.tensor instanceof Tensor ? weight.tensor.shape.length : 0;
  switch (kind) {
    case "axial":
      return axial(options);
    case "sin-cos":
      return { config: { kind: "sinusoid", layout: "halves" }, shapes: [], params: () => null };
    case "no":
      return { config: { kind: "none" }, shapes: [], params: () => null };
    case "fixed-base":
      return {
        config: { kind: "learned", length },
        shapes: fixedBaseShapes(width),
        params: (weights) => ({ table: fixedBaseTable(weights, length, width) }),
      };
    case null:
      return shape.length > 1 && axes === shape.length + 2
        ? axial(options)
        : table(options, axes === 3);
    default:
      return kind satisfies never;
  }
}

function table({ max_len: length, d_model: width }: Options, isOld: boolean): TraxPositions {
  return {
    config: { kind: "learned", length },
    shapes: [isOld ? [1, length, width] : [length, width]],
    params: ([weights]) => ({ table: reshape(weights, [length, width]) }),
  };
}

function axial({ pos_axial_shape: shape, pos_d_axial_embs: given }: Options): TraxPositions {
  const widths = given ?? [];
  return {
    config: { kind: "axial", shape, widths },
    shapes: shape.map((size, axis) => [
      1,
      ...shape.map((_, other) => (other === axis ? size : 1)),
      widths[axis] ?? 0,
    ]),
    params: (weights) => ({
      tables: weights.map((weight, axis) => reshape(weight, [shape[axis], widths[axis]])),
    }),
  };
}
