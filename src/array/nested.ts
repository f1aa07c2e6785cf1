import { describeArgument } from "../core/describe-argument.ts";
import { wordsOf, type DType } from "../core/dtype.ts";
import { DTypeError, ShapeError } from "../core/errors.ts";
import { formatShape, sizeOf, type Shape } from "../core/shape.ts";
import { tensorFrom } from "../core/tensor.ts";
import { isValue, type NestedNumbers, type Value } from "../core/value.ts";
import { checkNumber } from "./numbers.ts";

/** Nested lists as an array: of the dtype, else f32, or bool where all elements are booleans. */
export function fromNested(x: NestedNumbers, dtype: DType | undefined, where: string): Value {
  const leaves = leavesOf(x, where);
  const onlyBooleans = leaves.length > 0 && leaves.every((leaf) => typeof leaf === "boolean");
  return packNested(x, leaves, dtype ?? (onlyBooleans ? "bool" : "f32"), where);
}

function leavesOf(x: NestedNumbers, where: string): readonly (number | boolean)[] {
  if (Array.isArray(x)) return x.flatMap((row: NestedNumbers) => leavesOf(row, where));
  if (typeof x === "number" || typeof x === "boolean") return [x];
  throw notNumbers(x, where);
}

/** What a program without types may have given. */
export function notNumbers(x: unknown, where: string): DTypeError {
  const isArray = isValue(x) || ArrayBuffer.isView(x);
  return new DTypeError(isArray ? "an array inside of a list" : "not a number", {
    where,
    expected: "numbers and booleans in nested lists, a typed array of numbers, or an array",
    got: isArray ? "an array" : describeArgument(x),
    fix: isArray ? "Join arrays with stack or concatenate." : undefined,
  });
}

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
