import type { Value } from "../../core/value.ts";
import { gather, iota, pad, scatterAdd, sliceInDim } from "../../lax/index.ts";
import {
  add,
  concatenate,
  cumsum,
  equal,
  full,
  fullLike,
  greaterEqual,
  maximum,
  minimum,
  multiply,
  reshape,
  subtract,
  where,
} from "../../numpy/index.ts";
import { sort } from "../attention/lsh.ts";

/**
 * What the heads of a layer keep of the tokens that were read, stacked along the leading axis. There are C rows: token t of the text is in
 * row t, or around a ring; memory, where there is one, in the last rows. What stands behind the tokens that were read means nothing.
 */
export interface HeadCache {
  /** f32[heads, B, C, d]: the keys, which are the queries where these are shared. */
  readonly keys: Value;
  /** f32[heads, B, C, e] */
  readonly values: Value;
  /** Tokens by bucket; null where nothing is hashed. */
  readonly lists: BucketLists | null;
  /** Sums of the queries, f32[heads, B, d]; null where hashing does not centre. */
  readonly sums: Value | null;
}

/** What a layer keeps: what its heads do, and where it has recurrent units their states, one behind another, f32[1, B, units * d]. */
export interface LayerCache extends HeadCache {
  readonly states?: Value;
}

/** Linked lists of the tokens of every bucket, in the order of their positions. */
export interface BucketLists {
  /** i32[heads, B, rounds, C, 4]: a token's list, its number there, and its neighbours. */
  readonly links: Value;
  /** i32[heads, B, rounds, 3, lists]: tokens in lower lists, first and last token; beside memory a bucket has two lists. */
  readonly ends: Value;
}

/** What one more token adds, stacked per head. */
export interface HeadRow {
  /** f32[heads, B, d] and f32[heads, B, e] */
  readonly key: Value;
  readonly value: Value;
  /** i32[heads, B, rounds], the list that it is put in; null where nothing is hashed. */
  readonly bucket: Value | null;
  readonly sums: Value | null;
}

/** x[heads, B, L, w] with room for `capacity` tokens. */
export const withRoom = (x: Value, capacity: number): Value =>
  pad(x, 0, [0, 0, 0, 0], [0, 0, capacity - x.shape[2], 0]);

/** The numbers of the lists of tokens with these buckets: beside memory every bucket has two, of which the text has the first. */
export const listOfText = (bucket: Value, memory: number): Value =>
  memory === 0 ? bucket : multiply(bucket, 2);

export interface ListRoom {
  readonly numBuckets: number;
  /** Rows for text. */
  readonly capacity: number;
  /** Whether the text goes on when these are full. */
  readonly streaming: boolean;
}

/** The lists of tokens with buckets i32[heads, B, rounds, L], in the first rows, and of memory i32[heads, B, rounds, M] in the last ones. */
export function listsOf(
  buckets: Value,
  memory: Value | null,
  { numBuckets, capacity, streaming }: ListRoom,
): BucketLists {
  const [heads, batch, rounds, length] = buckets.shape;
  const rows = memory ? memory.shape[3] : 0;
  const count = memory ? 2 * numBuckets : numBuckets;
  const text = listOfText(buckets, rows);
  const all = memory ? concatenate([text, add(multiply(memory, 2), 1)], 3) : text;
  const units = heads * batch * rounds;
  const flat = reshape(all, [units, length + rows]);
  // The next token of a full ring gets the first one's row: that one is in a list which nobody reads.
  const isFull = streaming && length === capacity;
  const isFirst = equal(iota("i32", flat.shape, 1), 0);
  const given = isFull ? where(isFirst, fullLike(flat, count), flat) : flat;
  const { links, ends } = sortedLists(given, isFull ? count + 1 : count);
  const isMemory = (x: Value): Value => greaterEqual(x, length);
  const neighbours = sliceInDim(links, 2, 4, 2);
  const moved = (x: Value): Value => where(isMemory(x), add(x, capacity - length), x);
  const placed = concatenate([sliceInDim(links, 0, 2, 2), moved(neighbours)], 2);
  const start = sliceInDim(ends, 0, 1, 1);
  const places = concatenate([start, moved(sliceInDim(ends, 1, 3, 1))], 1);
  const ofText = sliceInDim(placed, 0, length, 1);
  const ofMemory = sliceInDim(placed, length, length + rows, 1);
  const room = pad(ofText, 0, [0, 0, 0], [0, capacity - length, 0]);
  const lead = [heads, batch, rounds];
  return {
    links: reshape(memory ? concatenate([room, ofMemory], 1) : room, [...lead, capacity + rows, 4]),
    ends: reshape(sliceInDim(places, 0, count, 2), [...lead, 3, count]),
  };
}

/** Lists of tokens with list numbers i32[N, L] in the order of the tokens: i32[N, L, 4] and i32[N, 3, lists]. */
function sortedLists(flat: Value, count: number): { readonly links: Value; readonly ends: Value } {
  const [units, length] = flat.shape;
  const { order, inverse } = sort(flat, count);
  const perList = full([units, count], 0, "i32");
  const counts = scatterAdd(perList, flat, fullLike(flat, 1), 1);
  const starts = subtract(cumsum(counts, 1), counts);
  const tokenAt = (slots: Value): Value => gather(order, minimum(maximum(slots, 0), length - 1), 1);
  const rank = subtract(inverse, gather(starts, flat, 1));
  const size = gather(counts, flat, 1);
  const none = (like: Value): Value => fullLike(like, -1);
  const previous = where(equal(rank, 0), none(rank), tokenAt(subtract(inverse, 1)));
  const next = where(equal(add(rank, 1), size), none(rank), tokenAt(add(inverse, 1)));
  const isEmpty = equal(counts, 0);
  const head = where(isEmpty, none(counts), tokenAt(starts));
  const tail = where(isEmpty, none(counts), tokenAt(subtract(add(starts, counts), 1)));
  const join = (parts: readonly Value[], axis: 1 | 2): Value =>
    concatenate(
      parts.map((part) => {
        const [rows, columns] = part.shape;
        return reshape(part, axis === 2 ? [rows, columns, 1] : [rows, 1, columns]);
      }),
      axis,
    );
  return { links: join([flat, rank, previous, next], 2), ends: join([starts, head, tail], 1) };
}
