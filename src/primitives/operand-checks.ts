/** Checks that several abstract evaluations share. */
import { formatAval, type Aval } from "../core/aval.ts";
import type { DType } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { formatShape, shapesEqual, type Shape } from "../core/shape.ts";

export function expectDType(
  where: string,
  operand: string,
  aval: Aval,
  dtypes: readonly DType[],
): void {
  if (dtypes.includes(aval.dtype)) return;
  throw new DTypeError(`${operand} has a dtype that the operation does not take`, {
    where,
    expected: dtypes.join(" or "),
    got: formatAval(aval),
    fix: "Convert it first, for example with astype.",
  });
}

/** Indices, permutations, buckets and starts are i32. */
export const expectIndices = (where: string, operand: string, aval: Aval): void =>
  expectDType(where, operand, aval, ["i32"]);

export function expectSameDType(where: string, operand: string, aval: Aval, like: Aval): void {
  if (aval.dtype === like.dtype) return;
  throw new DTypeError(`${operand} differs in dtype`, {
    where,
    expected: like.dtype,
    got: formatAval(aval),
    fix: "Convert one of the two.",
  });
}

export function expectShape(where: string, operand: string, aval: Aval, shape: Shape): void {
  if (shapesEqual(aval.shape, shape)) return;
  throw new ShapeError(`${operand} has the wrong shape`, {
    where,
    expected: formatShape(shape),
    got: formatAval(aval),
  });
}

/** At least `rank` axes. */
export function expectRankFrom(where: string, operand: string, aval: Aval, rank: number): void {
  if (aval.shape.length >= rank) return;
  throw new ShapeError(`${operand} has too few axes`, {
    where,
    expected: `at least ${rank}`,
    got: formatAval(aval),
  });
}

export function expectRank(where: string, operand: string, aval: Aval, rank: number): void {
  if (aval.shape.length === rank) return;
  throw new ShapeError(`${operand} has the wrong number of axes`, {
    where,
    expected: String(rank),
    got: formatAval(aval),
  });
}

export function expectAxis(where: string, aval: Aval, axis: number): void {
  if (Number.isInteger(axis) && axis >= 0 && axis < aval.shape.length) return;
  throw new ShapeError("axis out of range", {
    where,
    expected: `an axis of ${formatAval(aval)}, counted from 0`,
    got: String(axis),
  });
}
