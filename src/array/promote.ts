import { isFixed, isInteger, promoteTypes, type DType, type TypedScalar } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import { broadcastShapes, shapesEqual, type Shape } from "../core/shape.ts";
import { isValue, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { numberOf, toValue, type ArrayLike } from "./array-like.ts";

/**
 * The operands in their common dtype (JAX's promotion). A JavaScript number adapts to the arrays
 * beside it: with f32 it is f32, with integers an integer (f32 if it has a fraction), with bool i32
 * (or f32). Numbers alone are f32. So does a number that a transformation was given, which is a weak scalar inside.
 */
export function promote(operands: readonly ArrayLike[], where: string): Value[] {
  const dtype = commonDType(operands, where);
  return operands.map((x) => {
    if (typeof x === "number") return numberOf(x, dtype, where);
    return ops.convert(isValue(x) ? x : toValue(x, where), dtype);
  });
}

/** {@link promote}, and all operands stretched to their common shape (NumPy's broadcasting). */
export function promoteAndBroadcast(
  operands: readonly ArrayLike[],
  where: string,
): readonly Value[] {
  return broadcastAll(promote(operands, where), where);
}

/** {@link promote} for arithmetic: bool alone counts as i32. */
export const promoteNumeric = (operands: readonly ArrayLike[], where: string): Value[] =>
  promote(operands, where).map((x) => toNumeric(x, where));

export function broadcastAll(values: readonly Value[], where: string): readonly Value[] {
  const [first] = values;
  if (values.every((x) => shapesEqual(x.shape, first.shape))) return values;
  const shape = broadcastShapes(
    values.map((x) => x.shape),
    where,
  );
  return values.map((x) => stretch(x, shape));
}

/** `x` repeated to `shape`, aligned at the last axis; the caller has checked that it fits. */
export function stretch(x: Value, shape: Shape): Value {
  if (shapesEqual(x.shape, shape)) return x;
  const missing = shape.length - x.shape.length;
  return ops.broadcastInDim(
    x,
    shape,
    x.shape.map((_, axis) => axis + missing),
  );
}

/** The dtype that {@link promote} converts to. */
export function commonDType(operands: readonly ArrayLike[], where: string): DType {
  const types = operands.map((x): TypedScalar => {
    if (typeof x === "number") return weakType(x);
    return isValue(x) ? x.aval : toValue(x, where).aval;
  });
  const arrays = types.filter(({ weak }) => !weak);
  if (arrays.length === 0) return "f32";
  const join = (a: TypedScalar, b: TypedScalar): TypedScalar => promoteTypes(a, b, where);
  return types.filter(({ weak }) => weak).reduce(join, arrays.reduce(join)).dtype;
}

const weakType = (x: number): TypedScalar => ({
  dtype: Number.isInteger(x) ? "i32" : "f32",
  weak: true,
});

/** `x` as f32: integers and bool are converted; q32 is refused. */
export function toFloat(x: ArrayLike, where: string): Value {
  return ops.convert(refuseFixed(toValue(x, where), where), "f32");
}

/** `x` with bool turned into i32, for arithmetic. */
export function toNumeric(x: ArrayLike, where: string): Value {
  const value = toValue(x, where);
  return value.dtype === "bool" ? ops.convert(value, "i32") : value;
}

/** Throws unless `x` holds integers (bool counts when `orBool`). */
export function requireInteger(x: Value, where: string, orBool = false): Value {
  if (isInteger(x.dtype) || (orBool && x.dtype === "bool")) return x;
  throw new DTypeError("integers are needed", {
    where,
    expected: orBool ? "i32, u32 or bool" : "i32 or u32",
    got: x.dtype,
    fix: "Convert with astype.",
  });
}

export function refuseFixed(x: Value, where: string): Value {
  if (!isFixed(x.dtype)) return x;
  throw new DTypeError("fixed-point values have no float arithmetic", {
    where,
    got: x.dtype,
    fix: "Convert with lax.fromFixed first.",
  });
}
