import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { dropout, layerNorm, type LayerNormParams } from "../nn/index.ts";
import { foldIn } from "../random/index.ts";
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
  /** Rows at a time in norm and projections. */
  readonly rowChunk: number;
}

/** What a head attends with, f32[..., width] each. */
interface Projected {
  readonly q: Value;
  /** Null where keys are queries. */
  readonly k: Value | null;
  readonly v: Value;
}

/**
 * Attention as a sum of one contribution per head: norm and projections, attention, output projection of
 * that head.
 */
export function attentionBlock(options: AttentionBlockOptions): PartsBlock {
  const epsilon = options.conventions.normEpsilon;
  return parts(`attention.${options.kind}`, options.heads, {
    chunk: options.rowChunk,
    enter: ({ shared, own }, x): Projected => {
      const { norm } = shared as AttentionParams["shared"];
      const { query, key, value } = own as HeadParams;
      const normed = layerNorm(norm, x, { epsilon });
      return {
        q: project(normed, query),
        k: key ? project(normed, key) : null,
        v: project(normed, value),
      };
    },
    mix: (_, entered, context, saved) => {
      const own = context.own as AttentionContext;
      const { valid } = context.shared as SharedContext;
      const { out, buckets, statistics } = attendHead(
        entered as Projected,
        options,
        {
          valid,
          rotations: own.rotations,
          dropoutKey: own.dropoutKey,
          bucketShuffle: own.bucketShuffle,
        },
        saved as Value | null,
      );
      return { out, saved: buckets, statistics };
    },
    leave: ({ own }, mixed, context, chunkIndex) => {
      const { outputKey } = context.own as AttentionContext;
      const out = project(mixed, (own as HeadParams).output);
      return outputKey ? dropout(foldIn(outputKey, chunkIndex), options.outputDropout, out) : out;
    },
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
