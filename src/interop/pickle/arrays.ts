import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { elementTypes } from "../safetensors/element-types.ts";
import {
  fault,
  nameOfKind,
  ofKind,
  tupleOf,
  type Pickled,
  type PickledArray,
  type PickledDType,
} from "./values.ts";

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

/** `numpy.dtype(code, align, copy)`. */
export function dtypeOf(args: readonly Pickled[]): PickledDType {
  const [code] = args;
  if (typeof code === "string" && typeNames.has(code)) return { kind: "dtype", code, order: "<" };
  throw fault("elements of this dtype are not read", {
    expected: [...typeNames.keys()].join(", "),
    got: nameOfKind(code),
  });
}

/** Its state says the order of its bytes, and what it is made of: nothing, for a number. */
export function setDType(dtype: PickledDType, state: Pickled): void {
  const [, order, ...parts] = tupleOf(state, 5);
  if (order !== "<" && order !== "|") {
    throw fault("the order of bytes is another one", { expected: "<", got: nameOfKind(order) });
  }
  if (parts.slice(0, 3).some((part) => part !== null)) throw fault("a dtype has parts");
  dtype.order = order;
}

/** The state of an array: version, shape, dtype, whether the first axis is the closest, bytes. */
export function setArray(
  array: PickledArray,
  state: Pickled,
  spend: (bytes: number) => void,
): void {
  const [, shape, dtype, isFortran, data] = tupleOf(state, 5);
  array.tensor = tensorOf(shape, ofKind(dtype, "dtype"), isFortran === true, data, spend);
}

export function tensorOf(
  shape: Pickled,
  { code }: PickledDType,
  isFortran: boolean,
  data: Pickled,
  spend: (bytes: number) => void,
): Tensor {
  const sizes = sizesOf(shape);
  const { bytes } = ofKind(data, "bytes");
  const type = elementTypes.get(typeNames.get(code) ?? "");
  if (type === undefined) throw fault("elements of this dtype are not read", { got: code });
  const count = sizes.reduce((product, size) => product * size, 1);
  if (count * type.bytes !== bytes.length) {
    throw fault("an array has another number of bytes", {
      expected: `${count * type.bytes} for ${code}[${sizes.join(",")}]`,
      got: `${bytes.length}`,
    });
  }
  spend(bytes.length);
  const words = type.read(isFortran ? inRows(bytes, sizes, type.bytes) : bytes);
  if (typeof words === "string") throw fault(`a value of ${code} cannot be held`, { got: words });
  return tensorFrom(type.dtype, sizes, words);
}

function sizesOf(shape: Pickled): readonly number[] {
  const items = tupleOf(shape, 0);
  const sizes = items.filter(
    (size): size is number =>
      typeof size === "number" && Number.isInteger(size) && size >= 0 && size <= longestAxis,
  );
  if (sizes.length === items.length && sizes.length <= mostAxes) return sizes;
  throw fault("a shape is none", { expected: `at most ${mostAxes} sizes` });
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
