import { checkKinds, checkPartsOf, checkRecord, type KindsOf } from "../../core/arguments.ts";
import { ReformaxError } from "../../core/errors.ts";
import type { RunKeys } from "../run-keys.ts";
import type { Sequence } from "../sequences/batch.ts";
import { toyOf, type ToyName, toyNames } from "./toys.ts";

/** Which sequences. */
export interface ToyShape {
  readonly name: ToyName;
  /** Different symbols. */
  readonly symbols: number;
  /** Tokens of a sequence. */
  readonly length: number;
}

const shapeKinds: KindsOf<ToyShape> = { name: toyNames, symbols: "size", length: "size" };

/**
 * Sequences of a toy task: 0, a question, 0, its answer, and zeros up to the length. What is asked for are the answer's tokens. Number `index` of
 * the stream of words that `keys` has, so that equal seeds give equal sequences.
 *
 * @throws RangeError where the length has no room for a riddle: configurations say so before
 * @example
 * import { runKeys, toySequences } from "reformax/training";
 * const [one] = toySequences({ name: "sort", symbols: 4, length: 10 }, 1, runKeys(2), 0);
 * console.log(one.tokens, one.targets);
 * // => [0, 4, 2, 4, 4, 0, 2, 4, 4, 4] [-1, -1, -1, -1, -1, 2, 4, 4, 4, -1]
 */
export function toySequences(
  shape: ToyShape,
  count: number,
  keys: Pick<RunKeys, "words">,
  index: number,
): readonly Sequence[] {
  const where = "toySequences";
  checkRecord(shape, shapeKinds, "shape", where);
  checkKinds({ count: [count, "count"], index: [index, "count"] }, where);
  checkPartsOf(keys, { words: "function" }, "keys", where);
  const { name, symbols, length } = shape;
  const toy = toyOf(name);
  const size = toy.size(length);
  if (!(size >= 1)) {
    throw new ReformaxError(`no ${name} fits`, {
      where,
      expected: "a length with room for a question and its answer",
      got: `${length} tokens`,
    });
  }
  const words = keys.words(index, count * toy.words(size));
  let next = 0;
  return Array.from({ length: count }, () => {
    const { question, answer } = toy.riddle(size, symbols, () => words[next++]);
    const tokens = [0, ...question, 0, ...answer];
    const from = tokens.length - answer.length - 1;
    const padded = Array.from({ length }, (_, i) => tokens.at(i) ?? 0);
    const targets = padded.map((_, i) => (i < from ? -1 : (tokens.at(i + 1) ?? -1)));
    return { tokens: padded, targets };
  });
}
