import type { Words } from "../../src/core/dtype.ts";

/** The bits of the words, for exact comparisons. */
export const bitsOf = (words: Words): Int32Array =>
  new Int32Array(words.buffer, words.byteOffset, words.length);
