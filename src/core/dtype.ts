import { describeArgument } from "./describe-argument.ts";
import { DTypeError } from "./errors.ts";

/** Fixed point: int32 storage that stands for `q * 2^-k`; `q32.20` has k = 20, range +-2048. */
export type FixedDType = `q32.${number}`;

/** Element types. Every element is one 32-bit word in storage; bool is the word 0 or 1. */
export type DType = "f32" | "i32" | "u32" | "bool" | FixedDType;

/** The typed array through which a dtype's words are read: q32 and bool are Int32. */
export type Words = Float32Array | Int32Array | Uint32Array;

/** Bytes of one element in storage. */
export const bytesPerElement = (_dtype: DType): number => 4;

export const isFixed = (dtype: DType): dtype is FixedDType => dtype.startsWith("q32.");

/** What other libraries call the dtypes. */
const synonyms: Readonly<Record<string, DType>> = {
  float32: "f32",
  float: "f32",
  int32: "i32",
  int: "i32",
  uint32: "u32",
  boolean: "bool",
};

/**
 * The dtype of that name, for callers whose types nobody checked.
 * @throws DTypeError when there is none
 */
export function checkDType(dtype: DType, where: string): DType {
  const known = ["f32", "i32", "u32", "bool"].includes(dtype);
  if (known || (typeof dtype === "string" && /^q32\.([0-9]|[12][0-9]|30)$/.test(dtype)))
    return dtype;
  const meant =
    typeof dtype === "string" && Object.hasOwn(synonyms, dtype) ? synonyms[dtype] : undefined;
  throw new DTypeError("no such dtype", {
    where,
    expected: "f32, i32, u32, bool, or q32.20 and the like",
    got: describeArgument(dtype),
    fix:
      typeof dtype === "number"
        ? "A shape of several axes is one list, as in zeros([2, 3])."
        : meant && `Write "${meant}".`,
  });
}

/** True for dtypes whose values form a (quantised) real line: f32 and q32. */
export const isDifferentiable = (dtype: DType): boolean => dtype === "f32" || isFixed(dtype);

export const isInteger = (dtype: DType): boolean => dtype === "i32" || dtype === "u32";

/** The q32 dtype with scale 2^-fractionBits, 0 <= fractionBits <= 30. */
export function fixedDType(fractionBits: number, where?: string): FixedDType {
  if (!Number.isInteger(fractionBits) || fractionBits < 0 || fractionBits > 30) {
    throw new DTypeError("invalid fixed-point scale", {
      where,
      expected: "an integer number of fraction bits from 0 to 30",
      got: describeArgument(fractionBits),
    });
  }
  return `q32.${fractionBits}`;
}

/** Fraction bits k of a q32 dtype: one unit is 2^-k. */
export const fractionBits = (dtype: FixedDType): number => Number(dtype.slice(4));

/** Dtype of the tangents of values of `dtype`: f32 for f32 and q32, none for the others. */
export const tangentDType = (dtype: DType): "f32" | undefined =>
  isDifferentiable(dtype) ? "f32" : undefined;

const bitsView = new DataView(new ArrayBuffer(4));

/** The word, as an i32, that holds the bits of an f32. */
export function floatBits(value: number): number {
  bitsView.setFloat32(0, value);
  return bitsView.getInt32(0);
}

/** A view of `buffer` with the element type that stores `dtype`. */
export function wordsOf(
  dtype: DType,
  buffer: ArrayBufferLike,
  byteOffset = 0,
  length?: number,
): Words {
  if (dtype === "f32") return new Float32Array(buffer, byteOffset, length);
  if (dtype === "u32") return new Uint32Array(buffer, byteOffset, length);
  return new Int32Array(buffer, byteOffset, length);
}

const latticeOrder = ["bool", "u32", "i32", "f32"] as const;

export interface TypedScalar {
  readonly dtype: DType;
  readonly weak: boolean;
}

/**
 * JAX's type promotion on our dtypes. A weak operand (a JavaScript number) takes the other's dtype
 * unless its kind is higher (a weak f32 with an i32 gives f32). u32 with i32 gives i32, the
 * nearest dtype here to JAX's int64-less lattice with x64 disabled. q32 never promotes.
 */
export function promoteTypes(lhs: TypedScalar, rhs: TypedScalar, where: string): TypedScalar {
  if (isFixed(lhs.dtype) || isFixed(rhs.dtype)) {
    if (lhs.dtype === rhs.dtype) return { dtype: lhs.dtype, weak: false };
    throw new DTypeError("fixed-point values do not mix with other dtypes", {
      where,
      expected: `two operands of dtype ${isFixed(lhs.dtype) ? lhs.dtype : rhs.dtype}`,
      got: `${lhs.dtype} and ${rhs.dtype}`,
      fix: "Convert with toFixed or fromFixed first.",
    });
  }
  const higher = rank(lhs.dtype) >= rank(rhs.dtype) ? lhs : rhs;
  if (lhs.weak === rhs.weak) return { dtype: higher.dtype, weak: lhs.weak };
  const strong = lhs.weak ? rhs : lhs;
  const weak = lhs.weak ? lhs : rhs;
  if (kind(weak.dtype) <= kind(strong.dtype)) return { dtype: strong.dtype, weak: false };
  return { dtype: weak.dtype, weak: weak.dtype === "f32" };
}

const rank = (dtype: DType): number => latticeOrder.findIndex((name) => name === dtype);

/** bool < integers < floats: only a higher kind lets a weak operand change the dtype. */
const kind = (dtype: DType): number => (dtype === "bool" ? 0 : isInteger(dtype) ? 1 : 2);
