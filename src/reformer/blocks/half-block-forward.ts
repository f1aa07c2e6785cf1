import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { jit, scan } from "../../transforms/index.ts";
import { checkContribution, checkMixed } from "./block-checks.ts";
import type {
  BlockContext,
  HalfBlock,
  PartParams,
  PartsBlock,
  PartsParams,
  RowsBlock,
  SegmentedMix,
} from "./half-block.ts";
import { joinStatistics, noStatistics, type HashStatistics } from "../attention/hash-statistics.ts";
import { flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";
import { addTo, rangeOf, valuesOf } from "../stack/stream.ts";

/** A stream after a half-block was added to it. */
export interface Added {
  readonly stream: Value;
  /**
   * The other stream, unchanged. Whoever reads it later reads this one: then reverse mode begins with the cotangent that
   * comes from there and adds what each part contributes, as the sweep does in place.
   */
  readonly other: Value;
  /** Integers to keep for a backward pass that must not compute them anew (float mode). */
  readonly saved: unknown;
  /** Largest magnitude of the stream's real values, NaN included: f32[]. */
  readonly magnitude: Value;
  readonly statistics: HashStatistics;
}

type AddFunction = (params: unknown, stream: Value, other: Value, context: BlockContext) => Added;

const functions = new WeakMap<HalfBlock, AddFunction>();

/**
 * `stream + block(other)`: one compiled function per half-block object, however many layers use it.
 */
export function addHalfBlock(block: HalfBlock): AddFunction {
  const known = functions.get(block);
  if (known) return known;
  const add = block.kind === "parts" ? addParts(block) : addRows(block);
  const compiled: AddFunction = jit(add, { name: block.name });
  functions.set(block, compiled);
  return compiled;
}

const addParts =
  (block: PartsBlock): AddFunction =>
  (params, start, source, context) => {
    const { shared, parts } = params as PartsParams;
    interface Carry {
      readonly stream: Value;
      readonly other: Value;
      readonly magnitude: Value;
      readonly statistics: HashStatistics;
    }
    const init: Carry = {
      stream: start,
      other: source,
      magnitude: ops.literal(0, "f32"),
      statistics: noStatistics(),
    };
    const [end, saved] = scan<Carry, readonly [unknown, unknown], unknown>(
      (carry, [own, ownContext]) => {
        const around = { ...context, own: ownContext };
        const segments = block.inSegments?.(carry.other) ?? null;
        const add = segments ? addInSegments(block, segments) : addWhole(block);
        const { saved: here, statistics, ...after } = add({ shared, own }, carry, around);
        const next: Carry = {
          ...after,
          other: carry.other,
          statistics: joinStatistics(carry.statistics, statistics ?? noStatistics()),
        };
        return [next, here];
      },
      init,
      [parts, context.own],
      { length: block.count },
    );
    return { ...end, saved };
  };

interface PartAdded extends Pick<Added, "stream" | "magnitude" | "saved"> {
  readonly statistics?: HashStatistics;
}

type AddPart = (
  params: PartParams,
  before: Pick<Added, "stream" | "other" | "magnitude">,
  context: BlockContext,
) => PartAdded;

/** `mix` sees the whole length. */
const addWhole =
  (block: PartsBlock): AddPart =>
  (params, { stream, other, magnitude }, context) => {
    const entered = enterRows(block, params, other);
    const mixed = block.mix(params, entered, context, null);
    const { out, saved, statistics } = checkMixed(block, mixed, other);
    const [largest, after] = scanRows<Value, readonly [Value, Value], Value>(
      (sum, [acc, chunk], index) => {
        const left = block.leave(params, chunk, context, index);
        const contribution = checkContribution(block, left, acc);
        return [watch(sum, acc, contribution), addTo(acc, contribution)];
      },
      magnitude,
      [flattenRows(stream), flattenRows(out)],
      { chunk: block.chunk },
    );
    return { stream: unflattenRows(after, stream), magnitude: largest, saved, statistics };
  };

/** Segment after segment, each from what it sees of the one before. */
const addInSegments =
  (block: PartsBlock, segments: SegmentedMix): AddPart =>
  (params, { stream, other, magnitude }, context) => {
    type Carry = readonly [largest: Value, before: unknown];
    const segment = segmentOf(block, segments);
    const [[largest], after] = scanRows<Carry, readonly [Value, Value], Value>(
      ([sum, before], [acc, chunk], index) => {
        const x = valuesOf(chunk);
        const { contribution, seen } = segment(params, before, x, context, index);
        return [[watch(sum, acc, contribution), seen], addTo(acc, contribution)];
      },
      [magnitude, seenBefore(block, segments, params, flattenRows(other), ops.literal(0, "i32"))],
      [flattenRows(stream), flattenRows(other)],
      { chunk: segments.rows },
    );
    return { stream: unflattenRows(after, stream), magnitude: largest, saved: null };
  };

/** All of a part for the f32 rows of one segment: its contribution, and what the next segment sees of it. */
export const segmentOf =
  (block: PartsBlock, { mix, seen, reach, rows }: SegmentedMix) =>
  (
    params: PartParams,
    before: unknown,
    x: Value,
    context: BlockContext,
    segment: Value,
  ): { readonly contribution: Value; readonly seen: unknown } => {
    const entered = block.enter(params, x);
    const mixed = mix(params, before, entered, context, segment);
    return {
      contribution: block.leave(params, mixed, context, segment),
      seen: tree.map(
        (y: Value) => ops.slice(y, [rows - reach, 0], [rows, y.shape[1]]),
        seen(entered),
      ),
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
  first: Value,
): unknown {
  const start = ops.max(ops.sub(first, ops.literal(reach, "i32")), ops.literal(0, "i32"));
  const before = ops.dynamicSlice(rows, [start, ops.literal(0, "i32")], [reach, rows.shape[1]]);
  const entered = seen(block.enter(params, valuesOf(before)));
  return tree.map((y: Value) => ops.stopGradient(y), entered);
}

/** What a part's `enter` makes of all rows of a stream: a tree of f32[B, L, ...]. */
export function enterRows(block: PartsBlock, params: PartParams, other: Value): unknown {
  const [, entered] = scanRows<null, Value, unknown>(
    (_, chunk) => [null, block.enter(params, valuesOf(chunk))],
    null,
    flattenRows(other),
    { chunk: block.chunk },
  );
  return tree.map((x: Value) => unflattenRows(x, other), entered);
}

const addRows =
  (block: RowsBlock): AddFunction =>
  (params, stream, other, context) => {
    const [magnitude, rows] = scanRows<Value, readonly [Value, Value], Value>(
      (largest, [acc, chunk], index) => {
        const applied = block.apply(params, valuesOf(chunk), context, index);
        const out = checkContribution(block, applied, acc);
        return [watch(largest, acc, out), addTo(acc, out)];
      },
      ops.literal(0, "f32"),
      [flattenRows(stream), flattenRows(other)],
      { chunk: block.chunk },
    );
    return {
      stream: ops.reshape(rows, stream.shape),
      other,
      saved: null,
      magnitude,
      statistics: noStatistics(),
    };
  };

/**
 * Running maximum of |stream + contribution| computed in f32, where nothing wraps: at or above the
 * stream's range the sum overflowed; NaN stays NaN.
 */
const watch = (largest: Value, stream: Value, contribution: Value): Value => {
  const sum = ops.abs(ops.stopGradient(ops.add(valuesOf(stream), contribution)));
  const axes = sum.shape.map((_, axis) => axis);
  return ops.max(largest, ops.reduceMax(sum, axes));
};

/** i32[]: `layer` where the magnitude is NaN or out of the stream's range, else `previous`. */
export function firstBadLayer(
  previous: Value,
  magnitude: Value,
  stream: Value,
  layer: number,
): Value {
  const limit = ops.literal(Math.min(rangeOf(stream.dtype), 3e38), "f32");
  const bad = ops.not(ops.lt(magnitude, limit));
  const isFirst = ops.and(bad, ops.lt(previous, ops.literal(0, "i32")));
  return ops.select(isFirst, ops.literal(layer, "i32"), previous);
}
