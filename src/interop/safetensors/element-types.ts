import type { DType, Words } from "../../core/dtype.ts";

/** How one element type of the file becomes 32-bit words. */
export interface ElementType {
  readonly bytes: 1 | 2 | 4 | 8;
  /** The dtype that its elements are read into. */
  readonly dtype: DType;
  /** Reads little-endian elements; a text names the first one that does not fit. */
  read(bytes: Uint8Array): Words | string;
}

/** A copy, because the file's tensors need not be aligned to their elements. */
const aligned = (bytes: Uint8Array): ArrayBuffer => new Uint8Array(bytes).buffer;

/** float16 to float32: exact, subnormals, infinities and NaN included. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

function readBfloat16(bytes: Uint8Array): Float32Array {
  const words = Uint32Array.from(new Uint16Array(aligned(bytes)), (bits) => bits << 16);
  return new Float32Array(words.buffer);
}

function readBool(bytes: Uint8Array): Words | string {
  const index = bytes.findIndex((byte) => byte > 1);
  return index < 0 ? Int32Array.from(bytes) : `element ${index} is ${bytes[index]}, not 0 or 1`;
}

/** int64 and uint64 hold indices in practice: those outside int32 are an error, never wrapped. */
function readLong(elements: BigInt64Array | BigUint64Array): Words | string {
  const words = new Int32Array(elements.length);
  for (let i = 0; i < elements.length; i++) {
    words[i] = Number(elements[i]);
    if (BigInt(words[i]) !== elements[i]) return `element ${i} is ${elements[i]}, outside int32`;
  }
  return words;
}

/** The element types of the format that we read; F64 is rounded to f32, small integers widen to i32. */
export const elementTypes: ReadonlyMap<string, ElementType> = new Map<string, ElementType>([
  ["F32", { bytes: 4, dtype: "f32", read: (bytes) => new Float32Array(aligned(bytes)) }],
  ["I32", { bytes: 4, dtype: "i32", read: (bytes) => new Int32Array(aligned(bytes)) }],
  ["U32", { bytes: 4, dtype: "u32", read: (bytes) => new Uint32Array(aligned(bytes)) }],
  ["BOOL", { bytes: 1, dtype: "bool", read: readBool }],
  ["I64", { bytes: 8, dtype: "i32", read: (bytes) => readLong(new BigInt64Array(aligned(bytes))) }],
  [
    "U64",
    { bytes: 8, dtype: "i32", read: (bytes) => readLong(new BigUint64Array(aligned(bytes))) },
  ],
  [
    "F16",
    {
      bytes: 2,
      dtype: "f32",
      read: (bytes) => Float32Array.from(new Uint16Array(aligned(bytes)), halfToFloat),
    },
  ],
  ["BF16", { bytes: 2, dtype: "f32", read: readBfloat16 }],
  [
    "F64",
    {
      bytes: 8,
      dtype: "f32",
      read: (bytes) => Float32Array.from(new Float64Array(aligned(bytes))),
    },
  ],
  [
    "I8",
    { bytes: 1, dtype: "i32", read: (bytes) => Int32Array.from(new Int8Array(aligned(bytes))) },
  ],
  ["U8", { bytes: 1, dtype: "i32", read: (bytes) => Int32Array.from(bytes) }],
  [
    "I16",
    { bytes: 2, dtype: "i32", read: (bytes) => Int32Array.from(new Int16Array(aligned(bytes))) },
  ],
  [
    "U16",
    { bytes: 2, dtype: "i32", read: (bytes) => Int32Array.from(new Uint16Array(aligned(bytes))) },
  ],
]);
