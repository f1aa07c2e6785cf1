import { checkRecord, type KindsOf } from "../../core/arguments.ts";
import { orAbsent, orNull } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import { activations, dense, dropout, type Activation, type DenseParams } from "../../nn/index.ts";
import { multiply, split } from "../../numpy/index.ts";
import { foldIn } from "../../random/index.ts";
import { normalize, normKinds, type NormKind, type NormParams } from "./norm.ts";
import type { GainParams, KeptContext } from "./weighted-block.ts";
import { rows, type BlockContext, type RowsBlock } from "./half-block.ts";

export interface FeedForwardParams extends GainParams {
  readonly norm: NormParams;
  /** To the inner width; to twice that where a half gates the other. */
  readonly inner: DenseParams;
  readonly outer: DenseParams;
}

export interface FeedForwardContext extends KeptContext {
  /** u32[2]; null without dropout. */
  readonly dropoutKey: Value | null;
}

type Context = BlockContext<FeedForwardContext>;

/** How a feed-forward block differs from norm, dense, activation, dropout, dense, dropout. */
export interface FeedForwardKind {
  /**
   * A gated linear unit (Dauphin et al. 2017; Shazeer 2020): the activation of the first half of the inner features times the second
   * half, as lucidrains' `ff_glu`; SwiGLU with `silu`, GEGLU with `gelu`, GLU with `sigmoid`.
   */
  readonly gated?: boolean;
  /** Where inner features are dropped: behind the activation and its gate (when absent), or before the activation, as trax and HuggingFace do. */
  readonly dropoutAt?: "activated" | "inner";
  /** Dropout rate of the inner features (trax' `ff_dropout`); that of the output when absent or null. */
  readonly innerDropout?: number | null;
}

export interface FeedForwardOptions extends FeedForwardKind {
  /** Rows at a time. */
  readonly chunk: number;
  readonly activation: Activation;
  readonly dropout: number;
  /** Layer norm when absent. */
  readonly norm?: NormKind;
  readonly normEpsilon: number;
}

const optionKinds: KindsOf<FeedForwardOptions> = {
  chunk: "size",
  activation: Object.keys(activations),
  dropout: "rate",
  norm: orAbsent(normKinds),
  normEpsilon: "finite",
  gated: orAbsent("flag"),
  dropoutAt: orAbsent(["activated", "inner"]),
  innerDropout: orAbsent(orNull("rate")),
};

/** Norm, dense, activation, dense, row by row in chunks (paper, equation 10). */
export const feedForwardBlock = (options: FeedForwardOptions): RowsBlock => {
  checkRecord(options, optionKinds, "options", "feedForwardBlock");
  return rows(
    "feedForward",
    options.chunk,
    (params: FeedForwardParams, x, { own: { dropoutKey } }: Context, chunkIndex) => {
      const normed = normalize(options.norm ?? "layer", params.norm, x, options.normEpsilon);
      return feedForwardRows(options, params, normed, dropoutKey, chunkIndex);
    },
  );
};

/** What the block makes of rows that are normed already. */
export function feedForwardRows(
  options: Omit<FeedForwardOptions, "chunk" | "norm" | "normEpsilon">,
  { inner, outer }: Pick<FeedForwardParams, "inner" | "outer">,
  normed: Value,
  dropoutKey: Value | null,
  chunkIndex: Value,
): Value {
  const key = dropoutKey ? foldIn(dropoutKey, chunkIndex) : null;
  const drop = (place: FeedForwardKind["dropoutAt"], y: Value): Value =>
    key && place === (options.dropoutAt ?? "activated")
      ? dropout(foldIn(key, 0), options.innerDropout ?? options.dropout, y)
      : y;
  const hidden = drop("inner", dense(inner, normed));
  const out = dense(outer, drop("activated", activated(options, hidden)));
  return key ? dropout(foldIn(key, 1), options.dropout, out) : out;
}

function activated(
  { activation, gated }: Pick<FeedForwardOptions, "activation" | "gated">,
  hidden: Value,
): Value {
  const apply = activations[activation];
  if (!gated) return apply(hidden);
  const [gate, signal] = split(hidden, 2, -1);
  return multiply(apply(gate), signal);
}
