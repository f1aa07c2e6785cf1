import { avalOf } from "../../core/aval.ts";
import { listWords, type TokenRoom } from "../../ir/decoding.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { batchIntoGroups } from "../attention/batch.ts";
import { expectIndices, expectRank, expectShape } from "../operand-checks.ts";
import { insertByMasks } from "./decompose-insert.ts";
import { expectMemory } from "./expect-memory.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly insertToken: TokenRoom;
  }
}

const where = "insertToken";
const { link, end } = listWords;

/**
 * Lists of the tokens of every bucket, in the order of their positions: what a stable sort by bucket gives, without sorting. Operands:
 * `links` i32[N, R, C, 4], for the token in every row its bucket, its number there, which is one more than that of the token before it, and the
 * rows of the tokens before and after it there (-1: none); `ends` i32[N, R, 3, B], for every bucket how many tokens are in lower ones, its
 * first and its last token (-1: none); `bucket` i32[N, R] of the token at `position` i32[N] of the text.
 * Gives the lists with that token. A position or bucket without room changes nothing. Around a ring the token is dropped whose row the next
 * one gets: the oldest, which is the first of its bucket, so that buckets of the text are others than those of memory. Runs in place where the lists
 * are dead.
 */
export const insertToken = definePrimitive<TokenRoom>({
  name: where,
  abstractEval: ([links, ends, bucket, position], { memory }) => {
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
    expectMemory(where, memory, capacity);
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
  decompose: (inputs, params) => insertByMasks(inputs, params),
  reference: ([links, ends, bucket, position], [linksOut, endsOut], { memory, ring }) => {
    const [groups, rounds, capacity] = links.aval.shape;
    const room = capacity - memory;
    const buckets = ends.aval.shape[3];
    linksOut.words.set(links.words);
    endsOut.words.set(ends.words);
    const [l, e] = [linksOut.words, endsOut.words];
    for (let unit = 0; unit < groups * rounds; unit++) {
      const place = position.words[Math.floor(unit / rounds)];
      const b = bucket.words[unit];
      const fits = place >= 0 && room > 0 && (ring || place < room);
      if (!fits || b < 0 || b >= buckets) continue;
      const token = place % room;
      const at = (t: number): number => (unit * capacity + t) * link.count;
      const [start, head, tail] = [0, 1, 2].map((row) => (unit * end.count + row) * buckets);
      const last = e[tail + b];
      const number = last >= 0 ? l[at(last) + link.rank] + 1 : 0;
      l.set([b, number, last, -1], at(token));
      if (last >= 0) l[at(last) + link.next] = token;
      else e[head + b] = token;
      e[tail + b] = token;
      for (let higher = b + 1; higher < buckets; higher++) e[start + higher]++;
      if (!ring || place + 1 < room) continue;
      const oldest = at((place + 1) % room);
      const [left, next] = [l[oldest + link.bucket], l[oldest + link.next]];
      e[head + left] = next;
      if (next >= 0) l[at(next) + link.previous] = -1;
      else e[tail + left] = -1;
      for (let higher = left + 1; higher < buckets; higher++) e[start + higher]--;
    }
  },
});
