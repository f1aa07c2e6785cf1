import type { Tensor } from "../../core/tensor.ts";
import { checkByteOrder, checkElements, checkSizes, tensorOfArray } from "../numpy-array.ts";
import {
  fault,
  nameOfKind,
  ofKind,
  tupleOf,
  type Pickled,
  type PickledArray,
  type PickledDType,
} from "./values.ts";

const where = "pickle";

/** `numpy.dtype(code, align, copy)`. */
export function dtypeOf([code]: readonly Pickled[]): PickledDType {
  return { kind: "dtype", code: checkElements(code, nameOfKind(code), where), order: "<" };
}

/** Its state says the order of its bytes, and what it is made of: nothing, for a number. */
export function setDType(dtype: PickledDType, state: Pickled): void {
  const [, order, ...parts] = tupleOf(state, 5);
  const known = checkByteOrder(order, nameOfKind(order), where);
  if (parts.slice(0, 3).some((part) => part !== null)) throw fault("a dtype has parts");
  dtype.order = known;
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
  const sizes = checkSizes(tupleOf(shape, 0), where);
  const { bytes } = ofKind(data, "bytes");
  spend(bytes.length);
  return tensorOfArray({ code, sizes, isFortran, bytes }, where);
}
