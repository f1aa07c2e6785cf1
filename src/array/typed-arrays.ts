import { DTypeError } from "../core/errors.ts";
import { wordsOf, type DType, type Words } from "../core/dtype.ts";
import { tensorFrom } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";

/** Typed arrays whose elements are not storage words: what their numbers become. */
const converted: Readonly<Record<string, DType>> = {
  Float64Array: "f32",
  Float16Array: "f32",
  Int16Array: "i32",
  Int8Array: "i32",
  Uint16Array: "i32",
  Uint8Array: "i32",
  Uint8ClampedArray: "i32",
};

const own: Readonly<Record<string, DType>> = {
  Float32Array: "f32",
  Int32Array: "i32",
  Uint32Array: "u32",
};

/**
 * The numbers of a typed array: f32, i32 and u32 as they are, other floats rounded to f32, smaller integers as i32.
 * @throws DTypeError for what holds no numbers of at most 32 bits (BigInt64Array, DataView)
 */
export function fromTypedArray(x: ArrayBufferView, where: string): Value {
  const kind = Object.prototype.toString.call(x).slice("[object ".length, -1);
  const dtype = own[kind] ?? converted[kind];
  if (dtype === undefined) {
    throw new DTypeError("a typed array of another kind", {
      where,
      expected: `one of ${[...Object.keys(own), ...Object.keys(converted)].join(", ")}`,
      got: kind,
    });
  }
  const numbers = x as Words;
  const words = wordsOf(dtype, new ArrayBuffer(4 * numbers.length));
  words.set(numbers);
  return tensorFrom(dtype, [numbers.length], words);
}
