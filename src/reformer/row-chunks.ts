import { sizeOf } from "../core/shape.ts";
import * as tree from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { iota, sliceInDim } from "../lax/index.ts";
import { array, concatenate, reshape } from "../numpy/index.ts";
import { scan } from "../transforms/index.ts";

/**
 * Loops over chunks of rows. The rows of x[..., d] are its leading axes flattened. When no chunk of about the wanted size
 * divides them the last, smaller chunk is handled by a second copy of the body, and whole arrays are copied.
 */

/** A chunk that takes all rows at once. */
export const allRows = 2 ** 30;

/**
 * Rows of a chunk: the largest divisor of `rows` that is at most `wanted`, so that chunks need no remainder; `wanted` itself if that
 * would be less than half of it.
 *
 * @param multiple - what a divisor has to be a multiple of
 */
export function chunkOf(rows: number, wanted: number, multiple = 1): number {
  const most = Math.min(Math.max(1, wanted), Math.max(1, rows));
  for (let chunk = most - (most % multiple); 2 * chunk >= most && chunk > 0; chunk -= multiple) {
    if (rows % chunk === 0) return chunk;
  }
  return most;
}

/** x[..., d] as [rows, d]. */
export function flattenRows(x: Value): Value {
  const width = x.shape[x.shape.length - 1];
  return reshape(x, [sizeOf(x.shape.slice(0, -1)), width]);
}

/** Undoes {@link flattenRows} with the leading axes of `like[..., d]`. */
export const unflattenRows = (x: Value, like: Value): Value =>
  reshape(x, [...like.shape.slice(0, -1), x.shape[1]]);

/** As many rows [rows, d] of x[..., d] as the loops below hand out at a time. */
export function firstRows(x: Value, chunk: number): Value {
  const rows = flattenRows(x);
  return sliceInDim(rows, 0, chunkOf(rows.shape[0], chunk));
}

/**
 * `carry, y = body(carry, chunk, index)` over chunks of at most `chunk` rows of a tree of arrays [rows, ...]; the ys, trees of
 * arrays [chunk, ...], are joined along rows.
 *
 * With `reverseSum` the last chunk comes first, and the smaller last chunk, if there is one, and the loop both start at `init`:
 * `reverseSum` adds their carries, in this order. So sums of cotangents come out as in reverse mode, where the two copies of the body
 * are two uses of what they read.
 */
export function scanRows<Carry, X, Y>(
  body: (carry: Carry, chunk: X, index: Value) => readonly [Carry, Y],
  init: Carry,
  arrays: X,
  options: {
    readonly chunk: number;
    readonly reverseSum?: (carries: readonly Carry[]) => Carry;
  },
): [Carry, Y] {
  const rows = tree.leaves<Value>(arrays)[0].shape[0];
  const chunk = chunkOf(rows, options.chunk);
  const whole = Math.floor(rows / chunk);
  const covered = whole * chunk;
  const { reverseSum } = options;
  const loop = (carry: Carry): [Carry, Y] => {
    const stacked = tree.map(
      (x: Value) => reshape(sliceInDim(x, 0, covered), [whole, chunk, ...x.shape.slice(1)]),
      arrays,
    );
    const [last, ys] = scan<Carry, readonly [Value, X], Y>(
      (state, [index, slices]) => body(state, slices, index),
      carry,
      [iota("i32", whole), stacked],
      { reverse: reverseSum !== undefined },
    );
    return [last, tree.map((y: Value) => reshape(y, [covered, ...y.shape.slice(2)]), ys)];
  };
  const tail = (carry: Carry): readonly [Carry, Y] => {
    const remainder = tree.map((x: Value) => sliceInDim(x, covered, rows), arrays);
    return body(carry, remainder, array(whole, "i32"));
  };
  if (covered === rows) {
    const [carry, ys] = loop(init);
    return [reverseSum ? reverseSum([carry]) : carry, ys];
  }
  if (reverseSum) {
    const [ofTail, tailYs] = tail(init);
    const [ofLoop, ys] = loop(init);
    return [reverseSum([ofTail, ofLoop]), joinRows(ys, tailYs)];
  }
  const [middle, ys] = loop(init);
  const [last, tailYs] = tail(middle);
  return [last, joinRows(ys, tailYs)];
}

const joinRows = <Y>(loop: Y, tail: Y): Y =>
  tree.map((a: Value, b: Value) => concatenate([a, b]), loop, tail);
