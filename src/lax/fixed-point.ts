import { fixedDType, isFixed } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { broadcastAll, toFloat } from "../array/promote.ts";

/** Fraction bits of the residual streams: one unit is 2^-20, the range +-2048. */
export const defaultFractionBits = 20;

/**
 * `x` rounded (half to even) to fixed point with `fractionBits` bits after the point; values beyond
 * the range saturate. The derivative is the identity.
 *
 * @throws DTypeError unless 0 <= fractionBits <= 30
 * @example
 * import { fromFixed, toFixed } from "reformax/lax";
 * console.log(fromFixed(toFixed(0.3, 2)).item()); // => 0.25
 */
export function toFixed(x: ArrayLike, fractionBits: number = defaultFractionBits): Value {
  fixedDType(fractionBits, "toFixed");
  return ops.toFixed(toFloat(x, "toFixed"), fractionBits);
}

/**
 * The real value of fixed point as f32, rounded to nearest. The derivative is the identity.
 *
 * @throws DTypeError unless `x` is fixed point
 * @example
 * import { fromFixed, toFixed } from "reformax/lax";
 * console.log(fromFixed(toFixed([1.5, -2])).toArray()); // => [ 1.5, -2 ]
 */
export const fromFixed = (x: Value): Value => ops.fromFixed(requireFixed(x, "fromFixed"));

/**
 * Sum of two fixed-point arrays of one scale: integer addition, hence exact and associative (it
 * wraps beyond the range).
 *
 * @throws DTypeError unless both are fixed point with the same scale
 * @example
 * import { fixedAdd, fixedSub, toFixed } from "reformax/lax";
 * const x = toFixed(0.1), y = toFixed(1000.7);
 * console.log(fixedSub(fixedAdd(x, y), y).item() === x.item()); // => true
 */
export const fixedAdd = (x: Value, y: Value): Value => ops.fixedAdd(...sameScale(x, y, "fixedAdd"));

/**
 * Difference of two fixed-point arrays of one scale: the exact inverse of {@link fixedAdd}.
 *
 * @throws DTypeError unless both are fixed point with the same scale
 * @example
 * import { fixedSub, toFixed } from "reformax/lax";
 * console.log(fixedSub(toFixed(1.5), toFixed(0.5)).item()); // => 1
 */
export const fixedSub = (x: Value, y: Value): Value => ops.fixedSub(...sameScale(x, y, "fixedSub"));

function sameScale(x: Value, y: Value, where: string): [Value, Value] {
  requireFixed(x, where);
  requireFixed(y, where);
  if (x.dtype !== y.dtype) {
    throw new DTypeError("fixed-point operands must have one scale", {
      where,
      expected: x.dtype,
      got: y.dtype,
    });
  }
  const [a, b] = broadcastAll([x, y], where);
  return [a, b];
}

function requireFixed(x: Value, where: string): Value {
  const value = toValue(x, where);
  if (isFixed(value.dtype)) return value;
  throw new DTypeError("a fixed-point array is needed", {
    where,
    expected: "q32",
    got: value.dtype,
    fix: "Convert with toFixed first.",
  });
}
