import { isFixed, wordsOf, type DType, type Words } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { formatShape, sizeOf, type Shape } from "../core/shape.ts";
import { scalarTensor, tensorFrom } from "../core/tensor.ts";
import type { NestedNumbers, Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";

/**
 * What array functions accept: arrays, JavaScript numbers and booleans, nested arrays of them, and
 * typed arrays. A bare number takes the dtype of the arrays it meets, see `promote`.
 */
export type ArrayLike = Value | NestedNumbers | Words;

/** A shape; a number n means `[n]`. */
export type ShapeLike = Shape | number;

export const shapeOf = (shape: ShapeLike): Shape => (typeof shape === "number" ? [shape] : shape);

export const isValue = (x: ArrayLike): x is Value => typeof x === "object" && "aval" in x;

const isWords = (x: object): x is Words => ArrayBuffer.isView(x);

/**
 * `x` as an array: values as they are, numbers f32, booleans bool, nested arrays f32 (bool if they
 * hold only booleans), typed arrays in their own dtype.
 */
export function toValue(x: ArrayLike, where: string): Value {
  if (typeof x === "number") return scalarTensor(x, "f32");
  if (typeof x === "boolean") return scalarTensor(Number(x), "bool");
  if (isValue(x)) return x;
  if (isWords(x)) return tensorFrom(dtypeOfWords(x), [x.length], x.slice());
  const leaves = leavesOf(x);
  const onlyBooleans = leaves.length > 0 && leaves.every((leaf) => typeof leaf === "boolean");
  return packNested(x, leaves, onlyBooleans ? "bool" : "f32", where);
}

/** `x` as an array of the given dtype; numbers go to it without a detour through f32. */
export function toValueOf(x: ArrayLike, dtype: DType, where: string): Value {
  if (typeof x === "object" && isValue(x)) return ops.convert(x, dtype);
  if (isFixed(dtype)) return ops.toFixed(toValueOf(x, "f32", where), Number(dtype.slice(4)));
  if (typeof x === "number" || typeof x === "boolean") return numberOf(Number(x), dtype, where);
  if (isWords(x)) return ops.convert(toValue(x, where), dtype);
  return packNested(x, leavesOf(x), dtype, where);
}

/** A scalar of the given dtype; throws where the number is not one of its values. */
export function numberOf(value: number, dtype: DType, where: string): Value {
  return scalarTensor(checkNumber(value, dtype, where), dtype);
}

const bounds = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const;

function checkNumber(value: number, dtype: DType, where: string): number {
  if (dtype === "bool") return value === 0 ? 0 : 1;
  if (dtype !== "i32" && dtype !== "u32") return value;
  const [low, high] = bounds[dtype];
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new DTypeError(`the number is not a value of ${dtype}`, {
      where,
      expected: `an integer from ${low} to ${high}`,
      got: String(value),
    });
  }
  return value;
}

const dtypeOfWords = (words: Words): DType =>
  words instanceof Float32Array ? "f32" : words instanceof Int32Array ? "i32" : "u32";

const leavesOf = (x: NestedNumbers): readonly (number | boolean)[] =>
  typeof x === "object" ? x.flatMap(leavesOf) : [x];

function packNested(
  x: NestedNumbers,
  leaves: readonly (number | boolean)[],
  dtype: DType,
  where: string,
): Value {
  const shape = nestedShape(x);
  if (!isRectangular(x, shape) || leaves.length !== sizeOf(shape)) {
    throw new ShapeError("nested arrays of unequal lengths", {
      where,
      expected: `every row as the first ones, shape ${formatShape(shape)}`,
      got: `${leaves.length} numbers`,
    });
  }
  const stranger = leaves.find(
    (leaf: unknown) => typeof leaf !== "number" && typeof leaf !== "boolean",
  );
  if (stranger !== undefined) {
    throw new DTypeError("not a number", {
      where,
      expected: "numbers and booleans in nested arrays",
      got: JSON.stringify(stranger),
    });
  }
  const words = wordsOf(dtype, new ArrayBuffer(4 * leaves.length));
  leaves.forEach((leaf, i) => {
    words[i] = checkNumber(Number(leaf), dtype, where);
  });
  return tensorFrom(dtype, shape, words);
}

function nestedShape(x: NestedNumbers): number[] {
  if (typeof x !== "object") return [];
  return x.length === 0 ? [0] : [x.length, ...nestedShape(x[0])];
}

function isRectangular(x: NestedNumbers, shape: Shape): boolean {
  if (typeof x !== "object") return shape.length === 0;
  return x.length === shape[0] && x.every((row) => isRectangular(row, shape.slice(1)));
}
