import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { broadcastInDim, iota, pad } from "../../lax/index.ts";
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
import type { HeadOptions } from "../attention/head-options.ts";
import { attendSegment, localSegments, type RowVectors } from "../attention/local-segments.ts";
import type { AttentionContext, SharedContext } from "./attention-params.ts";
import type { SegmentedMix } from "./half-block.ts";

/** Local attention of the sequences x[B, L, d] in segments of `rowChunk` rows, where these divide the length. */
export function segmentedAttention(
  options: HeadOptions & { readonly rowChunk: number },
  x: Value,
): SegmentedMix | null {
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
