import { checkDType, isFixed, type DType, type Words } from "../core/dtype.ts";
import { isWholeNumber } from "../core/aval.ts";
import { checkShape, type Shape } from "../core/shape.ts";
import { scalarTensor } from "../core/tensor.ts";
import { isValue, type NestedNumbers, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { fromNested } from "./nested.ts";
import { numberOf } from "./numbers.ts";
import { fromTypedArray } from "./typed-arrays.ts";

export { numberOf } from "./numbers.ts";

/**
 * What array functions accept: arrays, JavaScript numbers and booleans, nested arrays of them, and
 * typed arrays. A bare number takes the dtype of the arrays it meets, see `promote`.
 */
export type ArrayLike = Value | NestedNumbers | Words;

/** A shape; a number n means `[n]`. */
export type ShapeLike = Shape | number;

/** The shape that was meant. @throws ShapeError when it is none */
export const shapeOf = (shape: ShapeLike, where: string): Shape =>
  checkShape(typeof shape === "number" ? [shape] : shape, where);

/**
 * `x` as an array: values as they are, numbers f32, booleans bool, nested arrays f32 (bool if they
 * hold only booleans), typed arrays in their own dtype.
 */
export function toValue(x: ArrayLike, where: string): Value {
  if (typeof x === "number") return scalarTensor(x, "f32");
  if (typeof x === "boolean") return scalarTensor(Number(x), "bool");
  if (isValue(x)) return isWholeNumber(x.aval) ? ops.convert(x, "f32") : x;
  if (ArrayBuffer.isView(x)) return fromTypedArray(x, where);
  return fromNested(x, undefined, where);
}

/** `x` as an array of the given dtype; numbers go to it without a detour through f32. */
export function toValueOf(x: ArrayLike, dtype: DType, where: string): Value {
  checkDType(dtype, where);
  if (isValue(x)) return ops.convert(x, dtype);
  if (isFixed(dtype)) return ops.toFixed(toValueOf(x, "f32", where), Number(dtype.slice(4)));
  if (typeof x === "number" || typeof x === "boolean") return numberOf(Number(x), dtype, where);
  if (ArrayBuffer.isView(x)) return ops.convert(fromTypedArray(x, where), dtype);
  return fromNested(x, dtype, where);
}
