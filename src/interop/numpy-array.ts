import { tensorFrom, type Tensor } from "../core/tensor.ts";
import { inputError, type InputError } from "../edge/problem.ts";
import { elementTypes } from "./safetensors/element-types.ts";

/** Element types by numpy's codes. */
const typeNames: ReadonlyMap<string, string> = new Map([
  ["f2", "F16"],
  ["f4", "F32"],
  ["f8", "F64"],
  ["i1", "I8"],
  ["i2", "I16"],
  ["i4", "I32"],
  ["i8", "I64"],
  ["u1", "U8"],
  ["u2", "U16"],
  ["u4", "U32"],
  ["u8", "U64"],
  ["b1", "BOOL"],
]);

/** numpy has no arrays of more axes. */
const mostAxes = 64;
const longestAxis = 2 ** 31 - 1;

const fault = (
  where: string,
  problem: string,
  details: { readonly expected?: string; readonly got?: string },
): InputError => inputError({ where, problem, ...details });

/** Throws unless it is a code of elements that are read. @param where - the kind of file, or the place in it */
export function checkElements(code: unknown, got: string, where: string): string {
  if (typeof code === "string" && typeNames.has(code)) return code;
  const expected = [...typeNames.keys()].join(", ");
  throw fault(where, "elements of this dtype are not read", { expected, got });
}

/** Throws unless elements have their lowest byte first, or one byte. */
export function checkByteOrder(order: unknown, got: string, where: string): string {
  if (order === "<" || order === "|") return order;
  throw fault(where, "the order of bytes is another one", { expected: "<", got });
}

/** Throws unless these are the sizes of an array. */
export function checkSizes(sizes: readonly unknown[], where: string): readonly number[] {
  const whole = sizes.filter(
    (size): size is number =>
      typeof size === "number" && Number.isInteger(size) && size >= 0 && size <= longestAxis,
  );
  if (whole.length === sizes.length && whole.length <= mostAxes) return whole;
  throw fault(where, "a shape is none", { expected: `at most ${mostAxes} sizes` });
}

/** An array as numpy keeps it. */
export interface NumpyArray {
  readonly code: string;
  readonly sizes: readonly number[];
  /** Whether the elements along the first axis are neighbours, instead of those along the last. */
  readonly isFortran: boolean;
  readonly bytes: Uint8Array;
}

const elementsOf = (sizes: readonly number[]): number =>
  sizes.reduce((product, size) => product * size, 1);

const elementType = (code: string, where: string) => {
  const type = elementTypes.get(typeNames.get(code) ?? "");
  if (type === undefined) throw fault(where, "elements of this dtype are not read", { got: code });
  return type;
};

/** Bytes of an array of these sizes. */
export const bytesOf = (code: string, sizes: readonly number[], where: string): number =>
  elementsOf(sizes) * elementType(code, where).bytes;

/** @throws InputError where the bytes are not those of such an array */
export function tensorOfArray(
  { code, sizes, isFortran, bytes }: NumpyArray,
  where: string,
): Tensor {
  const type = elementType(code, where);
  const needed = bytesOf(code, sizes, where);
  if (needed !== bytes.length) {
    throw fault(where, "an array has another number of bytes", {
      expected: `${needed} for ${code}[${sizes.join(",")}]`,
      got: `${bytes.length}`,
    });
  }
  const words = type.read(isFortran ? inRows(bytes, sizes, type.bytes) : bytes);
  if (typeof words === "string")
    throw fault(where, `a value of ${code} cannot be held`, { got: words });
  return tensorFrom(type.dtype, sizes, words);
}

/** Elements with the last axis closest, from those with the first axis closest. */
function inRows(bytes: Uint8Array, sizes: readonly number[], width: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  const count = bytes.length / width;
  const at = sizes.map(() => 0);
  for (let row = 0; row < count; row++) {
    let from = 0;
    for (let axis = sizes.length - 1; axis >= 0; axis--) from = from * sizes[axis] + at[axis];
    out.set(bytes.subarray(from * width, (from + 1) * width), row * width);
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      at[axis] += 1;
      if (at[axis] < sizes[axis]) break;
      at[axis] = 0;
    }
  }
  return out;
}
