import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { slice, stopGradient } from "../../lax/index.ts";
import { array, maximum, subtract } from "../../numpy/index.ts";
import { valuesOf } from "../stack/stream.ts";
import type { BlockContext, PartParams, PartsBlock, SegmentedMix } from "./half-block.ts";

export interface Segment {
  readonly contribution: Value;
  /** What the next segment sees of this one. */
  readonly seen: unknown;
}

/** All of a part for the f32 rows of one segment. */
export const segmentOf =
  (block: PartsBlock, { mix, seen, reach, rows }: SegmentedMix) =>
  (
    params: PartParams,
    before: unknown,
    x: Value,
    context: BlockContext,
    segment: Value,
  ): Segment => {
    const entered = block.enter(params, x, context);
    const mixed = mix(params, before, entered, context, segment);
    return {
      contribution: block.leave(params, mixed, context, segment),
      seen: tree.map((y: Value) => slice(y, [rows - reach, 0], [rows, y.shape[1]]), seen(entered)),
    };
  };

/**
 * What a segment sees of the rows before it, computed anew from the stream's rows: `first` is the segment's first row. Before the
 * first segment there is nothing, and any rows will do. Constants for differentiation.
 */
export function seenBefore(
  block: PartsBlock,
  { reach, seen }: SegmentedMix,
  params: PartParams,
  rows: Value,
  context: BlockContext,
  first: Value,
): unknown {
  const start = maximum(subtract(first, reach), 0);
  // Nothing here counts from the end, as lax would allow.
  const before = ops.dynamicSlice(rows, [start, array(0, "i32")], [reach, rows.shape[1]]);
  const entered = seen(block.enter(params, valuesOf(before), context));
  return tree.map((y: Value) => stopGradient(y), entered);
}
