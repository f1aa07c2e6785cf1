import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import type { Streams } from "./reversible-layer.ts";
import { flattenRows, scanRows } from "./row-chunks.ts";

/**
 * A hash u32[2] of all bits of both streams and of where they stand: streams that were rebuilt exactly have that of the forward
 * pass. Sums of mixed words modulo 2^32 (the finaliser of MurmurHash3), chunk of rows by chunk of rows.
 */
export function streamHash({ first, second }: Streams, chunk: number): Value {
  const hashOf = (stream: Value, seed: number): Value => {
    const rows = flattenRows(stream);
    const width = rows.shape[1];
    const body = (sums: Value, words: Value, index: Value): readonly [Value, null] => {
      const before = ops.mul(ops.convert(index, "u32"), ops.literal(chunk * width, "u32"));
      return [ops.add(sums, hashRows(words, before, seed)), null];
    };
    return scanRows<Value, Value, null>(body, ops.full([2], 0, "u32"), rows, { chunk })[0];
  };
  return ops.add(hashOf(first, 0x2545f491), hashOf(second, 0x6c078965));
}

/** u32[2] of words [rows, width], of which `before` words came earlier. */
function hashRows(words: Value, before: Value, seed: number): Value {
  const [rows, width] = words.shape;
  const place = ops.add(
    ops.mul(ops.iota("u32", [rows, width], 0), ops.full([rows, width], width, "u32")),
    ops.iota("u32", [rows, width], 1),
  );
  const at = ops.add(place, ops.broadcastInDim(before, [rows, width], []));
  const bits = ops.bitcast(words, "u32");
  const salted = (salt: number): Value =>
    ops.reshape(
      ops.reduceSum(mix(ops.xor(bits, mix(ops.add(at, constant(at, salt))))), [0, 1]),
      [1],
    );
  return ops.concatenate([salted(seed), salted(seed ^ 0x5bd1e995)], 0);
}

const constant = (like: Value, word: number): Value => ops.full(like.shape, word >>> 0, "u32");

function mix(word: Value): Value {
  let h = word;
  for (const [shift, factor] of [
    [16, 0x85ebca6b],
    [13, 0xc2b2ae35],
  ]) {
    h = ops.mul(ops.xor(h, ops.shiftRightLogical(h, constant(h, shift))), constant(h, factor));
  }
  return ops.xor(h, ops.shiftRightLogical(h, constant(h, 16)));
}
