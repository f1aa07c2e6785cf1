import { avalOf } from "../../core/aval.ts";
import type { Value } from "../../core/value.ts";
import { listWords } from "../../ir/decoding.ts";
import * as ops from "../../ir/ops.ts";
import { definePrimitive, type Params } from "../../ir/primitive.ts";
import { batchIntoGroups } from "../attention/batch.ts";
import { expectIndices, expectRank, expectShape } from "../operand-checks.ts";

const where = "insertToken";
const { link, end } = listWords;

/**
 * Lists of the tokens of every bucket, in the order of their positions: what a stable sort by bucket gives, without sorting. Operands:
 * `links` i32[N, R, C, 4], for every token its bucket, how many are in that bucket before it, and the tokens before and after it
 * there (-1: none); `ends` i32[N, R, 3, B], for every bucket how many tokens are in lower ones, its first and its last
 * token (-1: none); `bucket` i32[N, R] of the token at `position` i32[N], which is the number of tokens that are listed.
 * Gives the lists with that token. A position or bucket without room changes nothing. Runs in place where the lists are dead.
 */
export const insertToken = definePrimitive<Params>({
  name: where,
  abstractEval: ([links, ends, bucket, position]) => {
    [links, ends, bucket, position].forEach((aval, i) =>
      expectIndices(where, ["links", "ends", "bucket", "position"][i], aval),
    );
    expectRank(where, "links", links, 4);
    expectRank(where, "ends", ends, 4);
    const [groups, rounds, capacity] = links.shape;
    expectShape(where, "links", links, [groups, rounds, capacity, link.count]);
    expectShape(where, "ends", ends, [groups, rounds, end.count, ends.shape[3]]);
    expectShape(where, "bucket", bucket, [groups, rounds]);
    expectShape(where, "position", position, [groups]);
    return [avalOf("i32", links.shape), avalOf("i32", ends.shape)];
  },
  jvp: "nonDifferentiable",
  transpose: "nonLinear",
  batch: (values, axes, params, size) => batchIntoGroups(where, values, axes, params, size),
  lower: {
    kind: "kernel",
    inPlace: [
      [0, 0],
      [1, 1],
    ],
  },
  decompose: ([links, ends, bucket, position]) => insertByMasks(links, ends, bucket, position),
  reference: ([links, ends, bucket, position], [linksOut, endsOut]) => {
    const [groups, rounds, capacity] = links.aval.shape;
    const buckets = ends.aval.shape[3];
    linksOut.words.set(links.words);
    endsOut.words.set(ends.words);
    const [l, e] = [linksOut.words, endsOut.words];
    for (let unit = 0; unit < groups * rounds; unit++) {
      const token = position.words[Math.floor(unit / rounds)];
      const b = bucket.words[unit];
      if (token < 0 || token >= capacity || b < 0 || b >= buckets) continue;
      const at = (t: number): number => (unit * capacity + t) * link.count;
      const [start, head, tail] = [0, 1, 2].map((row) => (unit * end.count + row) * buckets);
      const behind = b + 1 < buckets ? e[start + b + 1] : token;
      const last = e[tail + b];
      l.set([b, behind - e[start + b], last, -1], at(token));
      if (last >= 0) l[at(last) + link.next] = token;
      else e[head + b] = token;
      e[tail + b] = token;
      for (let higher = b + 1; higher < buckets; higher++) e[start + higher]++;
    }
  },
});

/** Every word asks whether it is one of those that change. */
function insertByMasks(
  links: Value,
  ends: Value,
  bucket: Value,
  position: Value,
): readonly Value[] {
  const [groups, rounds, capacity] = links.shape;
  const buckets = ends.shape[3];
  if (buckets === 0) return [links, ends];
  const perRound = [groups, rounds];
  const token = ops.broadcastInDim(position, perRound, [0]);
  const inRange = (x: Value, size: number): Value =>
    ops.and(ops.ge(x, ops.zerosLike(x)), ops.lt(x, ops.fullLike(x, size)));
  const fits = ops.and(inRange(token, capacity), inRange(bucket, buckets));
  // Nowhere, if there is no room.
  const nowhere = ops.fullLike(token, -1);
  const at = ops.select(fits, token, nowhere);
  const own = ops.select(fits, bucket, nowhere);
  const over = (x: Value, size: number): Value =>
    ops.broadcastInDim(x, [...perRound, size], [0, 1]);
  const places = (size: number): Value => ops.iota("i32", [...perRound, size], 2);
  const column = (x: Value, row: number, axis: 2 | 3): Value => {
    const start = x.shape.map((_, i) => (i === axis ? row : 0));
    const limit = x.shape.map((size, i) => (i === axis ? row + 1 : size));
    return ops.reshape(
      ops.slice(x, start, limit),
      x.shape.filter((_, i) => i !== axis),
    );
  };
  const isOwn = ops.eq(places(buckets), over(own, buckets));
  /** The own bucket's element of x[N, R, B]. */
  const ofOwn = (x: Value): Value => ops.reduceSum(ops.select(isOwn, x, ops.zerosLike(x)), [2]);
  const [start, head, tail] = [0, 1, 2].map((row) => column(ends, row, 2));
  const isHigher = ops.gt(places(buckets), over(own, buckets));
  const isFirstHigher = ops.eq(places(buckets), over(ops.add(own, ops.fullLike(own, 1)), buckets));
  const isLast = ops.eq(own, ops.fullLike(own, buckets - 1));
  const firstHigher = ops.reduceSum(ops.select(isFirstHigher, start, ops.zerosLike(start)), [2]);
  const behind = ops.select(isLast, token, firstHigher);
  const last = ops.select(fits, ofOwn(tail), nowhere);
  const isEmpty = ops.lt(last, ops.zerosLike(last));
  const known = over(fits, buckets);
  const newStart = ops.add(start, ops.convert(ops.and(known, isHigher), "i32"));
  const becomesHead = ops.and(isOwn, over(isEmpty, buckets));
  const newHead = ops.select(becomesHead, over(token, buckets), head);
  const newTail = ops.select(isOwn, over(token, buckets), tail);
  const isAt = ops.eq(places(capacity), over(at, capacity));
  const isPrevious = ops.and(ops.eq(places(capacity), over(last, capacity)), over(fits, capacity));
  const [buckets0, ranks, previous, next] = [0, 1, 2, 3].map((row) => column(links, row, 3));
  const set = (old: Value, value: Value): Value => ops.select(isAt, over(value, capacity), old);
  const linked = ops.select(isPrevious, over(token, capacity), next);
  const newLinks = [
    set(buckets0, own),
    set(ranks, ops.sub(behind, ofOwn(start))),
    set(previous, last),
    set(linked, nowhere),
  ];
  const stack = (parts: readonly Value[], axis: 2 | 3): Value =>
    ops.concatenate(
      parts.map((part) => {
        const shape = [...part.shape];
        shape.splice(axis, 0, 1);
        return ops.reshape(part, shape);
      }),
      axis,
    );
  return [stack(newLinks, 3), stack([newStart, newHead, newTail], 2)];
}
