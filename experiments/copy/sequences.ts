import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import type { RunKeys } from "../../src/training/run-keys.ts";

/** Sequences 0w0w: w is symbols 1 to `symbols`, as long as half of `length` without its 0. */
export interface CopyShape {
  /** Even. */
  readonly length: number;
  readonly symbols: number;
}

export interface CopyBatch {
  /** i32[B, L] */
  readonly tokens: Tensor;
  /** i32[B, L]: the next token where it belongs to the second w, else -1. */
  readonly targets: Tensor;
}

/**
 * A batch of sequences 0w0w, w uniform: the paper's synthetic task. Number `index` of the stream of words that `keys` has, so
 * that equal seeds give equal sequences.
 */
export function copyBatch(
  { length, symbols }: CopyShape,
  batch: number,
  keys: Pick<RunKeys, "words">,
  index: number,
): CopyBatch {
  const half = length / 2;
  const drawn = keys.words(index, batch * (half - 1));
  const tokens = new Int32Array(batch * length);
  const targets = new Int32Array(batch * length).fill(-1);
  for (let row = 0; row < batch; row++) {
    for (let i = 1; i < half; i++) {
      // A word is 32 bits: the bias of the remainder is below symbols / 2^32.
      const symbol = 1 + (drawn[row * (half - 1) + i - 1] % symbols);
      tokens[row * length + i] = symbol;
      tokens[row * length + half + i] = symbol;
      targets[row * length + half + i - 1] = symbol;
    }
  }
  return {
    tokens: tensorFrom("i32", [batch, length], tokens),
    targets: tensorFrom("i32", [batch, length], targets),
  };
}
