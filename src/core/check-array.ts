import { formatAval } from "./aval.ts";
import { describeArgument } from "./describe-argument.ts";
import { DTypeError, ShapeError } from "./errors.ts";
import type { DType } from "./dtype.ts";
import { isValue, type Value } from "./value.ts";

/**
 * An array of this dtype and these sizes. A letter stands for any size; a missing list for any shape.
 *
 * @throws DTypeError for what is no array or has another dtype, ShapeError for other sizes
 */
export function checkArray(
  value: Value,
  dtype: DType,
  sizes: readonly (number | string)[] | undefined,
  what: string,
  where: string,
): Value {
  const expected = `${dtype}${sizes ? `[${sizes.join(",")}]` : ""}`;
  if (!isValue(value)) {
    throw new DTypeError(`${what} is not an array`, {
      where,
      expected,
      got: describeArgument(value),
      fix: "numpy.array makes arrays of numbers and lists.",
    });
  }
  const details = { where, expected, got: formatAval(value.aval) };
  if (value.dtype !== dtype) throw new DTypeError(`${what} has another dtype`, details);
  if (sizes && !hasSizes(value, sizes)) throw new ShapeError(`${what} has another shape`, details);
  return value;
}

const hasSizes = ({ shape }: Value, sizes: readonly (number | string)[]): boolean =>
  shape.length === sizes.length &&
  sizes.every((size, axis) => typeof size === "string" || shape[axis] === size);
