import { checkRecord, type KindsOf } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { broadcastInDim, dotGeneral, iota, pad } from "../../lax/index.ts";
import {
  array,
  equal,
  full,
  less,
  logicalAnd,
  multiply,
  reshape,
  where,
} from "../../numpy/index.ts";
import { dropout } from "../../nn/index.ts";
import { foldIn } from "../../random/index.ts";
import { attendHead } from "../attention/attention-head.ts";
import { checkConventions, headKinds } from "../attention/check-head.ts";
import type { HeadOptions } from "../attention/head-options.ts";
import {
  parts,
  type BlockContext,
  type PartParams,
  type PartsBlock,
  type SegmentedMix,
} from "./half-block.ts";
import { normalize, normKinds, type NormKind, type NormParams } from "./norm.ts";
import type { GainParams, KeptContext } from "./weighted-block.ts";
import { attendSegment, localSegments, type RowVectors } from "../attention/local-segments.ts";

/** Parameters of an attention half-block: the norm, and stacked per head (leading axis) the projections. */
export interface AttentionParams {
  readonly shared: GainParams & { readonly norm: NormParams };
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
export interface AttentionContext extends KeptContext {
  /** f32[heads, G, width, rounds, half]; null unless lsh that hashes. */
  readonly rotations: Value | null;
  /** u32[heads, 2]; null without dropout. */
  readonly dropoutKey: Value | null;
  /** u32[heads, 2], the same key for every head: a feature is dropped from the sum of heads. */
  readonly outputKey: Value | null;
  /** i32[heads, L]; null but for an ablation. */
  readonly bucketShuffle: Value | null;
  /** i32[heads, B, rounds, L]: buckets to use instead of hashing; absent or null where tokens are hashed. */
  readonly buckets?: Value | null;
}

/** Read by all layers. */
export interface SharedContext {
  /** 1 for real tokens, i32[B, L]; null when all are. */
  readonly valid: Value | null;
}

type Context = BlockContext<AttentionContext, SharedContext>;

export interface AttentionBlockOptions extends HeadOptions {
  readonly heads: number;
  /** Dropout rate of the block's output. */
  readonly outputDropout: number;
  /** Layer norm when absent. */
  readonly norm?: NormKind;
  /** Rows at a time in norm and projections. */
  readonly rowChunk: number;
}

const optionKinds: KindsOf<AttentionBlockOptions> = {
  ...headKinds,
  heads: "size",
  outputDropout: "rate",
  norm: orAbsent(normKinds),
  rowChunk: "size",
};

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
  checkRecord(options, optionKinds, "options", "attentionBlock");
  checkConventions(options.conventions, "options.conventions", "attentionBlock");
  const epsilon = options.conventions.normEpsilon;
  return parts(`attention.${options.kind}`, options.heads, {
    chunk: options.rowChunk,
    enter: ({ shared, own }: PartParams<HeadParams, AttentionParams["shared"]>, x): Projected => {
      const { query, key, value } = own;
      const normed = normalize(options.norm ?? "layer", shared.norm, x, epsilon);
      return {
        q: project(normed, query),
        k: key ? project(normed, key) : null,
        v: project(normed, value),
      };
    },
    mix: (_, entered, { shared, own }: Context, saved) => {
      const { out, buckets, statistics } = attendHead(
        entered,
        options,
        {
          valid: shared.valid,
          rotations: own.rotations,
          dropoutKey: own.dropoutKey,
          bucketShuffle: own.bucketShuffle,
          buckets: own.buckets,
        },
        saved as Value | null,
      );
      return { out, saved: buckets, statistics };
    },
    inSegments: (x) => (options.kind === "local" ? segmentedAttention(options, x) : null),
    leave: ({ own }, mixed, context, chunkIndex) => {
      const { outputKey } = context.own;
      const out = project(mixed, own.output);
      return outputKey ? dropout(foldIn(outputKey, chunkIndex), options.outputDropout, out) : out;
    },
  });
}

/** Local attention of the sequences x[B, L, d] in segments of `rowChunk` rows, where these divide the length. */
function segmentedAttention(options: AttentionBlockOptions, x: Value): SegmentedMix | null {
  const [batch, length] = x.shape;
  const segments = localSegments(options, length, options.rowChunk);
  if (!segments) return null;
  const { rows, reach } = segments;
  return {
    ...segments,
    seen: (entered) => {
      const { k, v } = entered as RowVectors;
      return { k, v };
    },
    mix: (_, before, entered, context, segment) => {
      const { valid } = context.shared as SharedContext;
      const { dropoutKey } = context.own as AttentionContext;
      return attendSegment(before as RowVectors, entered as RowVectors, options, {
        valid: segmentValid(valid, { batch, length, rows, reach }, segment),
        dropoutKey,
        segment,
      });
    },
  };
}

/** Which of the `reach` rows before a segment and its own may be seen, i32[reach + rows]. */
function segmentValid(
  valid: Value | null,
  { batch, length, rows, reach }: { batch: number; length: number; rows: number; reach: number },
  segment: Value,
): Value {
  const count = reach + rows;
  // Segments are not negative: no remainder has to be mended.
  const inSequence = ops.rem(segment, array(length / rows, "i32"));
  const begins = broadcastInDim(equal(inSequence, 0), [count], []);
  const isBefore = less(iota("i32", [count]), reach);
  const isForeign = logicalAnd(begins, isBefore);
  const none = full([count], 0, "i32");
  if (!valid) return where(isForeign, none, full([count], 1, "i32"));
  const flat = reshape(valid, [batch * length]);
  const padded = pad(flat, 0, [reach], [0]);
  const first = multiply(segment, rows);
  // Nothing here counts from the end, as lax would allow.
  return where(isForeign, none, ops.dynamicSlice(padded, [first], [count]));
}

/** x[..., d] times kernel[d, e]. */
export const project = (x: Value, kernel: Value): Value =>
  dotGeneral(x, kernel, {
    lhsBatch: [],
    rhsBatch: [],
    lhsContract: [x.shape.length - 1],
    rhsContract: [0],
  });
