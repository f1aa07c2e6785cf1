import { tensorFrom, type Tensor } from "../../core/tensor.ts";
import { drawn } from "../data/drawn.ts";
import { noToken } from "../data/tokens.ts";
import type { RunKeys } from "../run-keys.ts";
import type { TextCodec } from "../text/codec.ts";
import type { TokenPair } from "./data.ts";

/** Pairs side by side, padded with {@link noToken}. */
export interface PairBatch {
  /** i32[B, S] */
  readonly source: Tensor;
  /** i32[B, L + 1]: the token at the beginning, the target, the token at its end. */
  readonly target: Tensor;
}

/** Pairs are padded to one of so many lengths: a batch of short ones costs little, and a step is compiled so often. */
const lengths = 8;

/** The length, of {@link lengths} up to `longest`, that so many tokens are padded to. */
export function paddedLength(tokens: number, longest: number): number {
  const step = Math.ceil(longest / lengths);
  return Math.min(longest, Math.ceil(Math.max(1, tokens) / step) * step);
}

/** Pairs as arrays: sources of `length` tokens, targets of `length` with the end. */
export function gatherPairs(
  pairs: readonly TokenPair[],
  length: number,
  codec: Pick<TextCodec, "begin" | "end">,
  rows = pairs.length,
): PairBatch {
  const source = new Int32Array(rows * length).fill(noToken);
  const target = new Int32Array(rows * (length + 1)).fill(noToken);
  pairs.forEach((pair, row) => {
    source.set(pair.source.slice(0, length), row * length);
    const framed = [codec.begin, ...pair.target, codec.end];
    target.set(framed.slice(0, length + 1), row * (length + 1));
  });
  return {
    source: tensorFrom("i32", [rows, length], source),
    target: tensorFrom("i32", [rows, length + 1], target),
  };
}

/** Tokens that the longer side of a pair takes. */
export const sizeOfPair = ({ source, target }: TokenPair): number =>
  Math.max(source.length, target.length + 1);

/**
 * What the step after `step` updates learns from, as a function of that number: pairs drawn at random among those that are padded to
 * one length, which is drawn as often as it has pairs.
 */
export function pairBatches(
  pairs: readonly TokenPair[],
  { batch, length }: { readonly batch: number; readonly length: number },
  codec: Pick<TextCodec, "begin" | "end">,
  keys: RunKeys,
): (step: number) => PairBatch {
  const groups = groupBy(pairs, (pair) => paddedLength(sizeOfPair(pair), length));
  return (step) => {
    const [first, ...rest] = keys.words(step, batch + 1);
    const place = drawn(first, pairs.length);
    const padded = paddedLength(sizeOfPair(pairs[place]), length);
    const group = groups.get(padded) ?? pairs;
    const chosen = rest.map((word) => group[drawn(word, group.length)]);
    return gatherPairs(chosen, padded, codec);
  };
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => number): ReadonlyMap<number, T[]> {
  const groups = new Map<number, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
