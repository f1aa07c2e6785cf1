import { wordsOf } from "../../../src/core/dtype.ts";
import { splitAtAxis } from "../../../src/ir/layouts.ts";
import { Tensor } from "../../../src/core/tensor.ts";
import type { BatchAxis } from "../../../src/ir/primitive.ts";

/** Tensors of one type as slices along a new axis. */
export function stack(tensors: readonly Tensor[], axis: number): Tensor {
  const [{ aval }] = tensors;
  const shape = aval.shape.toSpliced(axis, 0, tensors.length);
  const { outer, inner } = splitAtAxis(shape, axis);
  const words = wordsOf(aval.dtype, new ArrayBuffer(4 * outer * tensors.length * inner));
  tensors.forEach((tensor, k) => {
    for (let o = 0; o < outer; o++) {
      const row = tensor.words().subarray(o * inner, (o + 1) * inner);
      words.set(row, (o * tensors.length + k) * inner);
    }
  });
  return new Tensor({ ...aval, shape, weak: false }, words);
}

/** The slices along an axis; without one, the same tensor for every slice. */
export function unstack(tensor: Tensor, axis: BatchAxis, count: number): Tensor[] {
  if (axis === undefined) return Array.from({ length: count }, () => tensor);
  const shape = tensor.shape.toSpliced(axis, 1);
  const { outer, length, inner } = splitAtAxis(tensor.shape, axis);
  if (length !== count) throw new Error(`the mapped axis has size ${length}, not ${count}`);
  return Array.from({ length }, (_, k) => {
    const words = wordsOf(tensor.dtype, new ArrayBuffer(4 * outer * inner));
    for (let o = 0; o < outer; o++) {
      const from = (o * length + k) * inner;
      words.set(tensor.words().subarray(from, from + inner), o * inner);
    }
    return new Tensor({ ...tensor.aval, shape }, words);
  });
}
