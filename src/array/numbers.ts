import type { DType } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import { scalarTensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";

/** A scalar of the given dtype; throws where the number is not one of its values. */
export function numberOf(value: number, dtype: DType, where: string): Value {
  return scalarTensor(checkNumber(value, dtype, where), dtype);
}

const bounds = { i32: [-(2 ** 31), 2 ** 31 - 1], u32: [0, 2 ** 32 - 1] } as const;

/** The number as an element of the dtype: booleans are 0 and 1. */
export function checkNumber(value: number, dtype: DType, where: string): number {
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
