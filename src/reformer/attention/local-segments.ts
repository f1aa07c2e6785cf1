import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { slice } from "../../lax/index.ts";
import { concatenate, full, reshape } from "../../numpy/index.ts";
import { foldIn } from "../../random/index.ts";
import { logitScale } from "./attention-head.ts";
import type { HeadOptions } from "./head-options.ts";
import { jointAttention } from "./joint-attention.ts";
import { chunkOf } from "../row-chunks.ts";
import { commonOptions, dropoutKeys, tokenOrder } from "./token-padding.ts";

/** Queries, keys and values of single rows, f32[rows, width] each. */
export interface RowVectors {
  readonly q: Value;
  readonly k: Value;
  readonly v: Value;
}

/** How a length is divided for local attention. */
export interface LocalSegments {
  /** Rows of a segment: whole chunks, and a divisor of the length. */
  readonly rows: number;
  /** Rows before a segment that it sees. */
  readonly reach: number;
}

/**
 * Segments of at most `most` rows for attention to chunks before; null where all of the length is needed at
 * once: windows that lead to chunks ahead or around, lengths that segments do not divide, or a single segment. Causally,
 * what lies around a ring is in the future of every token, and left out anyway.
 */
export function localSegments(
  { causal, chunkLength, before, after, conventions }: HeadOptions,
  length: number,
  most: number,
): LocalSegments | null {
  const reach = before * chunkLength;
  const rows = chunkOf(length, most, chunkLength);
  const fits = length % rows === 0 && rows % chunkLength === 0 && rows >= reach && rows < length;
  const backOnly = after === 0 && (causal || before === 0 || !conventions.circular);
  return backOnly && fits ? { rows, reach } : null;
}

interface SegmentContext {
  /** 1 for tokens that may be seen: i32[reach + rows]. */
  readonly valid: Value;
  /** u32[2]; null without dropout. */
  readonly dropoutKey: Value | null;
  readonly segment: Value;
}

/** Attention of one segment's rows, f32[rows, width], to themselves and to the keys and values of the `reach` rows before. */
export function attendSegment(
  before: Pick<RowVectors, "k" | "v">,
  { q, k, v }: RowVectors,
  options: HeadOptions,
  { valid, dropoutKey, segment }: SegmentContext,
): Value {
  const [reach] = before.k.shape;
  const [rows] = q.shape;
  // The rows before get no answers: any queries will do.
  const none = full([reach, q.shape[1]], 0, "f32");
  const joined = tree.map(
    (head: Value, tail: Value) => {
      const all = reach === 0 ? tail : concatenate([head, tail], 0);
      return reshape(all, [1, ...all.shape]);
    },
    { q: none, k: before.k, v: before.v },
    { q, k, v },
  );
  const order = tokenOrder(1, reach + rows);
  const out = jointAttention(
    joined,
    {
      order,
      inverse: order,
      buckets: order,
      valid: reshape(valid, [1, reach + rows]),
      dropoutKey: dropoutKeys(dropoutKey && foldIn(dropoutKey, segment), 1),
    },
    {
      ...commonOptions(options, true, logitScale(options, q.shape[1])),
      chunkLength: options.chunkLength,
      before: options.before,
      after: 0,
    },
  );
  const width = v.shape[1];
  return reshape(slice(out, [0, reach, 0], [1, reach + rows, width]), [rows, width]);
}
