import type { Value } from "../../core/value.ts";
import {
  dense,
  dropout,
  gelu,
  layerNorm,
  relu,
  type DenseParams,
  type LayerNormParams,
} from "../../nn/index.ts";
import { foldIn } from "../../random/index.ts";
import { rows, type BlockContext, type RowsBlock } from "./half-block.ts";

export interface FeedForwardParams {
  readonly norm: LayerNormParams;
  readonly inner: DenseParams;
  readonly outer: DenseParams;
}

export interface FeedForwardContext {
  /** u32[2]; null without dropout. */
  readonly dropoutKey: Value | null;
}

export type Activation = "relu" | "gelu" | "geluTanh";

const activations: Readonly<Record<Activation, (x: Value) => Value>> = {
  relu: (x) => relu(x),
  gelu: (x) => gelu(x, { approximate: false }),
  geluTanh: (x) => gelu(x, { approximate: true }),
};

type Context = BlockContext<FeedForwardContext>;

export interface FeedForwardOptions {
  /** Rows at a time. */
  readonly chunk: number;
  readonly activation: Activation;
  readonly dropout: number;
  readonly normEpsilon: number;
}

/** Norm, dense, activation, dense, row by row in chunks (paper, equation 10). */
export const feedForwardBlock = (options: FeedForwardOptions): RowsBlock =>
  rows(
    "feedForward",
    options.chunk,
    (params: FeedForwardParams, x, context: Context, chunkIndex) => {
      const { norm, inner, outer } = params;
      const { dropoutKey } = context.own;
      const normed = layerNorm(norm, x, { epsilon: options.normEpsilon });
      const hidden = activations[options.activation](dense(inner, normed));
      const key = dropoutKey ? foldIn(dropoutKey, chunkIndex) : null;
      const kept = key ? dropout(foldIn(key, 0), options.dropout, hidden) : hidden;
      const out = dense(outer, kept);
      return key ? dropout(foldIn(key, 1), options.dropout, out) : out;
    },
  );
