import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { jit, scan } from "../transforms/index.ts";
import type { BlockContext, HalfBlock, PartsBlock, PartsParams, RowsBlock } from "./half-block.ts";
import { joinStatistics, noStatistics, type HashStatistics } from "./hash-statistics.ts";
import { flattenRows, scanRows } from "./row-chunks.ts";
import { addTo, rangeOf, valuesOf } from "./stream.ts";

/** A stream after a half-block was added to it. */
export interface Added {
  readonly stream: Value;
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
  const compiled: AddFunction = jit(
    (params: unknown, stream: Value, other: Value, context: BlockContext) =>
      add(params, stream, valuesOf(other), context),
    { name: block.name },
  );
  functions.set(block, compiled);
  return compiled;
}

const addParts =
  (block: PartsBlock): AddFunction =>
  (params, stream, x, context) => {
    const { shared, parts } = params as PartsParams;
    type Carry = readonly [stream: Value, magnitude: Value, statistics: HashStatistics];
    const start: Carry = [stream, ops.literal(0, "f32"), noStatistics()];
    const [[total, magnitude, statistics], saved] = scan<
      Carry,
      readonly [unknown, unknown],
      unknown
    >(
      ([sum, largest, joined], [own, ownContext]) => {
        const result = block.contribution(
          { shared, own },
          x,
          { ...context, own: ownContext },
          null,
        );
        const { out, statistics: here = noStatistics() } = result;
        return [
          [addTo(sum, out), watch(largest, sum, out), joinStatistics(joined, here)],
          result.saved,
        ];
      },
      start,
      [parts, context.own],
      { length: block.count },
    );
    return { stream: total, saved, magnitude, statistics };
  };

const addRows =
  (block: RowsBlock): AddFunction =>
  (params, stream, x, context) => {
    const [magnitude, rows] = scanRows<Value, Value>(
      (largest, [acc, chunk], index) => {
        const out = block.apply(params, chunk, context, index);
        return [watch(largest, acc, out), addTo(acc, out)];
      },
      ops.literal(0, "f32"),
      [flattenRows(stream), flattenRows(x)],
      { chunk: block.chunk },
    );
    return {
      stream: ops.reshape(rows, stream.shape),
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
