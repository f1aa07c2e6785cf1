import { bytesPerElement, type DType } from "./dtype.ts";
import { formatShape, shapesEqual, sizeOf, type Shape } from "./shape.ts";

/**
 * Abstract value: all that tracing knows of an array. `weak` marks JavaScript numbers that a transformation was given: i32 the
 * whole ones, f32 the others.
 */
export interface Aval {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly weak: boolean;
}

export const avalOf = (dtype: DType, shape: Shape, weak = false): Aval => ({ shape, dtype, weak });

/** A whole JavaScript number: beside integers an integer, otherwise f32. */
export const isWholeNumber = (aval: Aval): boolean => aval.weak && aval.dtype === "i32";

/** Same dtype, shape and weakness. */
export const avalsEqual = (a: Aval, b: Aval): boolean => sameArrayType(a, b) && a.weak === b.weak;

/** Same dtype and shape: what storage cares about. */
export const sameArrayType = (a: Aval, b: Aval): boolean =>
  a.dtype === b.dtype && shapesEqual(a.shape, b.shape);

/** Bytes of the array's elements. */
export const bytesOf = (aval: Aval): number => sizeOf(aval.shape) * bytesPerElement(aval.dtype);

/** `f32[65536,512]`; a weak type carries a star. */
export const formatAval = (aval: Aval): string =>
  `${aval.dtype}${aval.weak ? "*" : ""}${formatShape(aval.shape)}`;

export const formatAvals = (avals: readonly Aval[]): string =>
  avals.length === 0 ? "nothing" : avals.map(formatAval).join(", ");
