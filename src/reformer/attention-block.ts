import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { dropout, layerNorm, type LayerNormParams } from "../nn/index.ts";
import { attendHead } from "./attention-head.ts";
import type { HeadOptions } from "./head-options.ts";
import { parts, type PartsBlock } from "./half-block.ts";

/** Parameters of an attention half-block: the norm, and stacked per head (leading axis) the projections. */
export interface AttentionParams {
  readonly shared: { readonly norm: LayerNormParams };
  readonly parts: HeadParams;
}

export interface HeadParams {
  /** f32[d, width]; queries, and keys too where they are shared. */
  readonly query: Value;
  /** f32[d, width]; local attention only. */
  readonly key?: Value;
  /** f32[d, width] */
  readonly value: Value;
  /** f32[width, d] */
  readonly output: Value;
}

/** What belongs to one attention half-block, stacked per head along the leading axis. */
export interface AttentionContext {
  /** f32[heads, G, width, rounds, half]; null unless lsh. */
  readonly rotations: Value | null;
  /** u32[heads, 2]; null without dropout. */
  readonly dropoutKey: Value | null;
  /** u32[heads, 2], the same key for every head: a feature is dropped from the sum of heads. */
  readonly outputKey: Value | null;
  /** i32[heads, L]; null but for an ablation. */
  readonly bucketShuffle: Value | null;
}

/** Read by all layers. */
export interface SharedContext {
  /** 1 for real tokens, i32[B, L]; null when all are. */
  readonly valid: Value | null;
}

export interface AttentionBlockOptions extends HeadOptions {
  readonly heads: number;
  /** Dropout rate of the block's output. */
  readonly outputDropout: number;
}

/**
 * Attention as a sum of one contribution per head: norm, projections, attention, output projection of
 * that head. x f32[B, L, d].
 */
export function attentionBlock(options: AttentionBlockOptions): PartsBlock {
  const epsilon = options.conventions.normEpsilon;
  return parts(`attention.${options.kind}`, options.heads, (params, x, context, saved) => {
    const { norm } = params.shared as AttentionParams["shared"];
    const head = params.own as HeadParams;
    const own = context.own as AttentionContext;
    const { valid } = context.shared as SharedContext;
    const normed = layerNorm(norm, x, { epsilon });
    const q = project(normed, head.query);
    const k = head.key ? project(normed, head.key) : null;
    const v = project(normed, head.value);
    const result = attendHead(
      { q, k, v },
      options,
      {
        valid,
        rotations: own.rotations,
        dropoutKey: own.dropoutKey,
        bucketShuffle: own.bucketShuffle,
      },
      saved as Value | null,
    );
    const out = project(result.out, head.output);
    const dropped = own.outputKey ? dropout(own.outputKey, options.outputDropout, out) : out;
    return { out: dropped, saved: result.buckets, statistics: result.statistics };
  });
}

/** x[..., d] times kernel[d, e]. */
export const project = (x: Value, kernel: Value): Value =>
  ops.dotGeneral(x, kernel, {
    lhsBatch: [],
    rhsBatch: [],
    lhsContract: [x.shape.length - 1],
    rhsContract: [0],
  });
