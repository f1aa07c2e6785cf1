import { checkNumber, checkOptions } from "../core/arguments.ts";
import { checkWhole } from "../core/whole.ts";
import { checkDType, type DType } from "../core/dtype.ts";
import { ShapeError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { numberOf, shapeOf } from "../array/array-like.ts";

/**
 * start, start + step, ... below `stop`; `arange(n)` counts from 0 to n - 1. The dtype is i32 when
 * all numbers are integers, f32 otherwise, unless given. `jax.numpy.arange`.
 *
 * @throws ShapeError when step is 0
 * @example
 * import { arange } from "reformax/numpy";
 * console.log(arange(4).toArray(), arange(1, 8, 3).toArray()); // => [ 0, 1, 2, 3 ] [ 1, 4, 7 ]
 */
export function arange(startOrStop: number, stop?: number, step = 1, dtype?: DType): Value {
  const [start, end] = stop === undefined ? [0, startOrStop] : [startOrStop, stop];
  checkNumber(start, "the start", "arange");
  checkNumber(end, "the stop", "arange");
  if (checkNumber(step, "the step", "arange") === 0) {
    throw new ShapeError("step must not be zero", {
      where: "arange",
      expected: "a step but 0",
      got: "0",
    });
  }
  const length = Math.max(0, Math.ceil((end - start) / step));
  shapeOf(length, "arange");
  if (dtype !== undefined) checkDType(dtype, "arange");
  const integers = Number.isInteger(start) && Number.isInteger(step);
  const computed: DType = integers ? "i32" : "f32";
  const counts = ops.iota(computed, [length], 0);
  const scaled = step === 1 ? counts : ops.mul(counts, fill(length, step, computed));
  const shifted = start === 0 ? scaled : ops.add(scaled, fill(length, start, computed));
  const resultType = dtype ?? (integers && Number.isInteger(end) ? "i32" : "f32");
  return ops.convert(shifted, resultType);
}

const fill = (length: number, value: number, dtype: DType): Value =>
  ops.broadcastInDim(numberOf(value, dtype, "arange"), [length], []);

/**
 * `count` evenly spaced f32 numbers from `start` to `stop`, which is left out when `endpoint` is
 * false; both ends are exact. `jax.numpy.linspace`.
 *
 * @example
 * import { linspace } from "reformax/numpy";
 * console.log(linspace(0, 1, 5).toArray()); // => [ 0, 0.25, 0.5, 0.75, 1 ]
 */
export function linspace(
  start: number,
  stop: number,
  count = 50,
  options: { readonly endpoint?: boolean } = {},
): Value {
  const { endpoint = true } = checkOptions(options, { endpoint: "flag" }, "linspace");
  checkNumber(start, "the start", "linspace");
  checkNumber(stop, "the stop", "linspace");
  checkWhole(count, "the count", "linspace", 0);
  const intervals = Math.max(1, endpoint ? count - 1 : count);
  const t = ops.div(ops.iota("f32", [count], 0), ops.full([count], intervals, "f32"));
  const rest = ops.sub(ops.full([count], 1, "f32"), t);
  return ops.add(ops.scale(rest, start), ops.scale(t, stop));
}
