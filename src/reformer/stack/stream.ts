import { fractionBits, isFixed } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { fixedAdd, fixedSub, fromFixed, toFixed } from "../../lax/index.ts";
import { add, subtract } from "../../numpy/index.ts";

/**
 * Residual streams: q32 (exact: adding and subtracting are inverse bit for bit) or f32 (nearly so).
 * All functions take the stream's kind from its dtype.
 */

/** The stream plus a rounded f32 contribution. */
export const addTo = (stream: Value, contribution: Value): Value =>
  isFixed(stream.dtype)
    ? fixedAdd(stream, toFixed(contribution, fractionBits(stream.dtype)))
    : add(stream, contribution);

/** Undoes {@link addTo} with the same contribution. */
export const subtractFrom = (stream: Value, contribution: Value): Value =>
  isFixed(stream.dtype)
    ? fixedSub(stream, toFixed(contribution, fractionBits(stream.dtype)))
    : subtract(stream, contribution);

/** The stream's real values, f32. */
export const valuesOf = (stream: Value): Value =>
  isFixed(stream.dtype) ? fromFixed(stream) : stream;

/** A stream of the given dtype from f32 values. */
export function toStream(x: Value, dtype: StreamDType): Value {
  if (dtype === "f32") return x;
  if (isFixed(dtype)) return toFixed(x, fractionBits(dtype));
  throw new DTypeError("a stream is f32 or fixed point", { where: "toStream", got: dtype });
}

export type StreamDType = "f32" | `q32.${number}`;

/** Largest magnitude that a stream of this dtype holds: 2^(31-k) for q32. */
export const rangeOf = (dtype: Value["dtype"]): number =>
  isFixed(dtype) ? 2147483648 / (1 << fractionBits(dtype)) : Infinity;
