import { tensorFrom, type Tensor } from "../../core/tensor.ts";

/** Sequences, and what is to be predicted in them. */
export interface SequenceBatch<Array = Tensor> {
  /** i32[B, L] */
  readonly tokens: Array;
  /** i32[B, L]: the token after each, or -1 where none is asked for. */
  readonly targets: Array;
}

/** A sequence as it is made, each of as many tokens. */
export interface Sequence {
  readonly tokens: ArrayLike<number>;
  readonly targets: ArrayLike<number>;
}

/** Sequences of one length as arrays. Rows beyond them are zeros, of which nothing is asked. */
export function gatherSequences(
  sequences: readonly Sequence[],
  length: number,
  rows = sequences.length,
): SequenceBatch {
  const tokens = new Int32Array(rows * length);
  const targets = new Int32Array(rows * length).fill(-1);
  sequences.forEach((sequence, row) => {
    tokens.set(sequence.tokens, row * length);
    targets.set(sequence.targets, row * length);
  });
  return {
    tokens: tensorFrom("i32", [rows, length], tokens),
    targets: tensorFrom("i32", [rows, length], targets),
  };
}
