import { describeArgument } from "../../core/describe-argument.ts";
import { ReformaxError, ShapeError } from "../../core/errors.ts";
import { formatShape } from "../../core/shape.ts";
import { isValue, type Value } from "../../core/value.ts";
import { slice } from "../../lax/index.ts";
import { transpose } from "../../numpy/index.ts";
import type { HalfTrees } from "../stack/reversible-layer.ts";
import type { ReformerContext } from "./context.ts";

/**
 * The buckets of a pass: for each layer i32[batch, heads, rounds, length], null where it hashes nothing. Padding has the number of
 * buckets. What one pass gives, another one takes as the option `buckets`: on a machine that rounds otherwise it then attends
 * to the same tokens, where a hash of its own would put some of them elsewhere. They are integers, without derivative.
 */
export type HashBuckets = readonly (Value | null)[];

/** From what the attention half-blocks saved: per layer i32[batch, heads, rounds, padded length], or null. */
export const usedBuckets = (saved: readonly HalfTrees[]): HashBuckets =>
  saved.map(({ f }) => {
    const used = f as Value | null;
    return used && transpose(used, [1, 0, 2, 3]);
  });

/** The same of the tokens alone. */
export const bucketsOf = (saved: readonly HalfTrees[], length: number): HashBuckets =>
  trimBuckets(usedBuckets(saved), length);

/** The buckets of the first `length` tokens. */
export const trimBuckets = (buckets: HashBuckets, length: number): HashBuckets =>
  buckets.map((used) => {
    if (!used || used.shape[3] === length) return used;
    return slice(used, [0, 0, 0, 0], [...used.shape.slice(0, 3), length]);
  });

/** Sequences, and keys that a layer hashes of each: tokens, memory, and another text. */
export interface PassSizes {
  readonly batch: number;
  readonly length: number;
}

/**
 * The context of a pass over so many tokens in which these buckets are used instead of hashing.
 *
 * @throws ShapeError when they are not those of such a pass; ReformaxError where an ablation shuffles buckets
 */
export function withBuckets(
  context: ReformerContext,
  buckets: HashBuckets,
  tokens: PassSizes,
  where: string,
): ReformerContext {
  if (buckets.length !== context.layers.length) {
    throw misfit(where, `${context.layers.length} layers`, `${buckets.length}`);
  }
  const layers = context.layers.map(({ f, g }, i) => {
    if (f.bucketShuffle) throw shuffledTwice(where);
    checkLayer(buckets[i], f.rotations, tokens, i, where);
    const given = buckets[i] && transpose(buckets[i], [1, 0, 2, 3]);
    return { f: { ...f, rotations: null, buckets: given }, g };
  });
  return { ...context, layers };
}

/** @param rotations - f32[heads, 1, width, rounds, half] that the layer would hash with, null where it does not hash */
function checkLayer(
  given: Value | null,
  rotations: Value | null,
  { batch, length }: PassSizes,
  layer: number,
  where: string,
): void {
  const expected = rotations
    ? `i32${formatShape([batch, rotations.shape[0], rotations.shape[3], length])}`
    : "null, as it hashes nothing";
  const got = isValue(given)
    ? `${given.dtype}${formatShape(given.shape)}`
    : describeArgument(given);
  if (rotations ? got !== expected : given !== null)
    throw misfit(where, `layer ${layer}: ${expected}`, got);
}

const misfit = (where: string, expected: string, got: string): ShapeError =>
  new ShapeError("the buckets are not those of such a pass", {
    where,
    expected,
    got,
    fix: "Give what a pass with the same configuration, number of rounds and shape of tokens used.",
  });

const shuffledTwice = (where: string): ReformaxError =>
  new ReformaxError("given buckets are not shuffled", {
    where,
    expected: "no ablation, or that of an output",
    got: "lsh-buckets",
    fix: "Leave the ablation out: a pass with it gives the buckets as it shuffled them.",
  });
