import type { Value } from "../../core/value.ts";
import type { ChunkedAttentionParams } from "../../ir/attention.ts";
import * as ops from "../../ir/ops.ts";
import {
  perKey,
  perQuery,
  toSlots,
  toWindows,
  type Indices,
  type Layout,
} from "./decompose-layout.ts";
import { unseenMeetings } from "./window.ts";

/** log of how often a pair meets, f32[N, chunks, m, W]; 0 for fixed pairs. */
export function penalties(
  indices: Indices,
  params: ChunkedAttentionParams,
  layout: Layout,
  shape: readonly number[],
  fixed: Value,
): Value {
  const { groups, rounds, length, chunk, chunks, chunksPerRound, offsets } = layout;
  const ofRound = (x: Value, r: number): Value =>
    ops.reshape(ops.slice(x, [0, r, 0], [groups, r + 1, length]), [groups, length]);
  const bySlot = (x: Value): Value => toSlots(x, indices.order, layout);
  const chunkOf = (r: number): Value => {
    const slots = ofRound(indices.inverse, r);
    return bySlot(ops.div(slots, ops.fullLike(slots, chunk)));
  };
  const splat = (value: number): Value => ops.full(shape, value, "i32");
  const inWindow = (query: Value, key: Value): Value => {
    const distance = ops.sub(key, query);
    const near = ops.and(
      ops.ge(distance, splat(offsets[0])),
      ops.le(distance, splat(offsets[offsets.length - 1])),
    );
    return ops.convert(near, "f32");
  };
  /** For chunks of rounds r and s: how many steps of the window lead from one to the other around the ring. */
  const aroundRing = (query: Value, key: Value, r: number, s: number): Value => {
    const distance = ops.add(ops.sub(key, query), splat((s - r) * chunksPerRound));
    return offsets
      .map((offset) => {
        const rest = ops.rem(ops.sub(splat(offset), distance), splat(chunks));
        return ops.convert(ops.eq(rest, splat(0)), "f32");
      })
      .reduce((a, b) => ops.add(a, b));
  };
  const oneRound = !params.circular || params.sameBucket || params.duplicates === "sameRound";
  const roundsFrom = (r: number): readonly number[] =>
    oneRound ? [r] : Array.from({ length: rounds }, (_, s) => s);
  const count = Array.from({ length: rounds }, (_, r) => {
    const query = perQuery(chunkOf(r), shape);
    const times = roundsFrom(r)
      .map((s) => {
        const key = perKey(toWindows(chunkOf(s), layout), shape);
        return params.circular ? aroundRing(query, key, r, s) : inWindow(query, key);
      })
      .reduce((a, b) => ops.add(a, b));
    if (!params.sameBucket) return times;
    const bucket = bySlot(ofRound(indices.buckets, r));
    const same = ops.eq(perKey(toWindows(bucket, layout), shape), perQuery(bucket, shape));
    return ops.select(same, times, ops.zerosLike(times));
  }).reduce((a, b) => ops.add(a, b));
  const least = params.duplicates === "sameRound" ? unseenMeetings : 1;
  const atLeast = ops.max(count, ops.full(shape, least, "f32"));
  return ops.select(fixed, ops.full(shape, 0, "f32"), ops.log(atLeast));
}
