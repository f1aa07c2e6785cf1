import type { Value } from "../../core/value.ts";
import type { TokenRoom } from "../../ir/decoding.ts";
import * as ops from "../../ir/ops.ts";

/** The lists of one column each: i32[N, R, C] of links, i32[N, R, B] of ends. */
interface Columns {
  readonly buckets: Value;
  readonly numbers: Value;
  readonly previous: Value;
  readonly next: Value;
  readonly start: Value;
  readonly head: Value;
  readonly tail: Value;
}

const like = (x: Value, value: number): Value => ops.fullLike(x, value);

const over = (x: Value, { shape }: Value): Value =>
  ops.broadcastInDim(
    x,
    shape,
    x.shape.map((_, axis) => axis),
  );

/** Where x[N, R, S] is the element number i32 at[N, R]. */
const isAt = (at: Value, x: Value): Value => ops.eq(ops.iota("i32", x.shape, 2), over(at, x));

/** The element of x[N, R, S] there; 0 where there is none. */
const elementAt = (x: Value, at: Value): Value =>
  ops.reduceSum(ops.select(isAt(at, x), x, ops.zerosLike(x)), [2]);

const set = (x: Value, at: Value, value: Value): Value =>
  ops.select(isAt(at, x), over(value, x), x);

/** Nowhere, but where the condition holds. */
const onlyIf = (condition: Value, at: Value): Value => ops.select(condition, at, like(at, -1));

const inRange = (x: Value, size: number): Value =>
  ops.and(ops.ge(x, like(x, 0)), ops.lt(x, like(x, size)));

/** insertToken, for which every word asks whether it is one of those that change. */
export function insertByMasks(
  [links, ends, bucket, position]: readonly Value[],
  { memory, ring }: TokenRoom,
): readonly Value[] {
  const [groups, rounds, capacity] = links.shape;
  const buckets = ends.shape[3];
  const room = capacity - memory;
  if (buckets === 0 || room === 0) return [links, ends];
  const place = ops.broadcastInDim(position, [groups, rounds], [0]);
  const hasRow = ring ? ops.ge(place, like(place, 0)) : inRange(place, room);
  const fits = ops.and(hasRow, inRange(bucket, buckets));
  const token = onlyIf(fits, ring ? ops.rem(place, like(place, room)) : place);
  const inserted = insert(columnsOf(links, ends), token, onlyIf(fits, bucket));
  if (!ring) return listsOf(inserted);
  const isFull = ops.and(fits, ops.ge(place, like(place, room - 1)));
  const following = ops.rem(ops.add(place, like(place, 1)), like(place, room));
  return listsOf(drop(inserted, onlyIf(isFull, following)));
}

/** With the token i32[N, R], -1 for none, at the end of its bucket. */
function insert(columns: Columns, token: Value, bucket: Value): Columns {
  const { start, head, tail, next, numbers } = columns;
  const isNone = ops.lt(token, like(token, 0));
  const last = ops.select(isNone, like(token, -1), elementAt(tail, bucket));
  const isFirst = ops.lt(last, like(last, 0));
  const number = ops.add(elementAt(numbers, last), like(last, 1));
  return {
    buckets: set(columns.buckets, token, bucket),
    numbers: set(numbers, token, ops.select(isFirst, like(number, 0), number)),
    previous: set(columns.previous, token, last),
    next: set(set(next, token, like(token, -1)), last, token),
    start: ops.add(start, isHigher(start, bucket)),
    head: set(head, onlyIf(isFirst, bucket), token),
    tail: set(tail, bucket, token),
  };
}

/** Without the token i32[N, R], the first of its bucket; -1 for none. */
function drop(columns: Columns, token: Value): Columns {
  const { start, head, tail } = columns;
  const isNone = ops.lt(token, like(token, 0));
  const bucket = ops.select(isNone, like(token, -1), elementAt(columns.buckets, token));
  const next = ops.select(isNone, like(token, -1), elementAt(columns.next, token));
  const isLast = ops.lt(next, like(next, 0));
  return {
    ...columns,
    previous: set(columns.previous, next, like(next, -1)),
    start: ops.sub(start, isHigher(start, bucket)),
    head: set(head, bucket, next),
    tail: set(tail, onlyIf(isLast, bucket), next),
  };
}

/** 1 for buckets above i32 bucket[N, R], which is negative where there is none. */
const isHigher = (start: Value, bucket: Value): Value =>
  ops.convert(
    ops.and(
      ops.gt(ops.iota("i32", start.shape, 2), over(bucket, start)),
      over(ops.ge(bucket, like(bucket, 0)), start),
    ),
    "i32",
  );

function columnsOf(links: Value, ends: Value): Columns {
  const column = (x: Value, row: number, axis: 2 | 3): Value => {
    const start = x.shape.map((_, i) => (i === axis ? row : 0));
    const limit = x.shape.map((size, i) => (i === axis ? row + 1 : size));
    return ops.reshape(
      ops.slice(x, start, limit),
      x.shape.filter((_, i) => i !== axis),
    );
  };
  const [buckets, numbers, previous, next] = [0, 1, 2, 3].map((row) => column(links, row, 3));
  const [start, head, tail] = [0, 1, 2].map((row) => column(ends, row, 2));
  return { buckets, numbers, previous, next, start, head, tail };
}

function listsOf({ buckets, numbers, previous, next, start, head, tail }: Columns) {
  const stack = (parts: readonly Value[], axis: 2 | 3): Value =>
    ops.concatenate(
      parts.map((part) => {
        const shape = [...part.shape];
        shape.splice(axis, 0, 1);
        return ops.reshape(part, shape);
      }),
      axis,
    );
  return [stack([buckets, numbers, previous, next], 3), stack([start, head, tail], 2)];
}
