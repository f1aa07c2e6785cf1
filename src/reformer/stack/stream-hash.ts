import type { Value } from "../../core/value.ts";
import {
  bitcastConvertType,
  broadcastInDim,
  iota,
  reduceSum,
  shiftRightLogical,
} from "../../lax/index.ts";
import {
  add,
  astype,
  bitwiseXor,
  concatenate,
  full,
  multiply,
  reshape,
} from "../../numpy/index.ts";
import type { Streams } from "./reversible-layer.ts";
import { flattenRows, scanRows } from "../row-chunks.ts";

/**
 * A hash u32[2] of all bits of both streams and of where they stand: streams that were rebuilt exactly have that of the forward
 * pass. Two sums modulo 2^32, of words mixed with their place (by the finaliser of MurmurHash3) and of their squares; a single
 * word that differs always shows in the first. Chunk of rows by chunk of rows.
 */
export function streamHash({ first, second }: Streams, chunk: number): Value {
  const hashOf = (stream: Value, seed: number): Value => {
    const rows = flattenRows(stream);
    const width = rows.shape[1];
    const body = (sums: Value, words: Value, index: Value): readonly [Value, null] => {
      // Modulo 2^32, as all of it: a chunk may be "all rows", which is more than there are.
      const before = multiply(astype(index, "u32"), (chunk * width) % 4294967296);
      return [add(sums, hashRows(words, before, seed)), null];
    };
    return scanRows<Value, Value, null>(body, full([2], 0, "u32"), rows, { chunk })[0];
  };
  return add(hashOf(first, 0x2545f491), hashOf(second, 0x6c078965));
}

/** u32[2] of words [rows, width], of which `before` words came earlier. */
function hashRows(words: Value, before: Value, seed: number): Value {
  const { shape } = words;
  const place = reshape(iota("u32", [shape[0] * shape[1]], 0), shape);
  const at = add(place, broadcastInDim(before, shape, []));
  // An odd factor takes no two places to one word.
  const spread = add(multiply(at, constant(at, 0x9e3779b1)), constant(at, seed));
  const mixed = mix(bitwiseXor(bitcastConvertType(words, "u32"), spread));
  const sum = (x: Value): Value => reshape(reduceSum(x, [0, 1]), [1]);
  return concatenate([sum(mixed), sum(multiply(mixed, mixed))], 0);
}

const constant = (like: Value, word: number): Value => full(like.shape, word >>> 0, "u32");

/** Every bit of the result depends on every bit of the word, and no two words become one. */
function mix(word: Value): Value {
  let h = word;
  for (const [shift, factor] of [
    [16, 0x85ebca6b],
    [13, 0xc2b2ae35],
  ]) {
    h = multiply(bitwiseXor(h, shiftRightLogical(h, constant(h, shift))), constant(h, factor));
  }
  return bitwiseXor(h, shiftRightLogical(h, constant(h, 16)));
}
