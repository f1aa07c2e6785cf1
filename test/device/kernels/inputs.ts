/** Numbers for kernels to work on: large arrays repeat a block. */
import { avalOf, type Aval } from "../../../src/core/aval.ts";
import type { DType, Words } from "../../../src/core/dtype.ts";
import { sizeOf, type Shape } from "../../../src/core/shape.ts";
import { inverseOf, sortTokens } from "../../oracles/lsh-hash.ts";
import { integers, normals } from "../../support/random-data.ts";

/** An array and what is in it: these words, again and again. */
export interface Filled {
  readonly aval: Aval;
  readonly words: Words;
}

const block = 2 ** 18;
const someNormals = normals(1, block);

export const floats = (shape: Shape): Filled => ({
  aval: avalOf("f32", shape),
  words: someNormals.subarray(0, Math.min(block, sizeOf(shape))),
});

/** Whole numbers from 0 to below a limit. */
export const indices = (shape: Shape, limit: number, dtype: DType = "i32"): Filled => ({
  aval: avalOf(dtype, shape),
  words: integers(2, Math.min(block, sizeOf(shape)), limit),
});

export const lists = (shape: Shape, words: Words): Filled => ({
  aval: avalOf("i32", shape),
  words,
});

/** For each list of random buckets the tokens in their order, where each token stands, and the buckets. */
export function sorted(count: number, tokens: number, buckets: number): readonly Words[] {
  const all = [0, 1, 2].map(() => new Int32Array(count * tokens));
  for (let i = 0; i < count; i++) {
    const drawn = integers(10 + i, tokens, buckets);
    const order = sortTokens([...drawn]);
    [order, inverseOf([...order]), drawn].forEach((words, k) => all[k].set(words, i * tokens));
  }
  return all;
}
