/** What a layer keeps of a prompt, and of one token after the other. */
import type { Value } from "../../core/value.ts";
// Lists of buckets are operations that numpy has no name for.
import * as ops from "../../ir/ops.ts";
import { broadcastInDim, dynamicUpdateSlice, sliceInDim } from "../../lax/index.ts";
import { array, concatenate, remainder, reshape } from "../../numpy/index.ts";
import { bucketCount } from "../attention/buckets.ts";
import { listsOf, withRoom, type BucketLists, type HeadCache, type HeadRow } from "./cache.ts";
import type { DecodingBlockOptions, PromptRows } from "./decoding-blocks.ts";
import { rowOfToken, windowOf, windowRows } from "./local-window.ts";

/** What is kept of a prompt. */
export function keptLayer(
  { keys, values, buckets, sums, memory }: PromptRows,
  options: DecodingBlockOptions,
): HeadCache {
  const { capacity, streaming } = options;
  const kept = (x: Value, behind: Value | undefined): Value => {
    if (windowRows(options) !== null) return windowOf(x, options);
    const text = withRoom(x, capacity);
    return behind ? concatenate([text, behind], 2) : text;
  };
  const room = { numBuckets: bucketCount(options.sizes), capacity, streaming };
  return {
    keys: kept(keys, memory?.keys),
    values: kept(values, memory?.values),
    lists: buckets && listsOf(buckets, memory?.buckets ?? null, room),
    sums,
  };
}

/** The layer with one more token, at i32 position[B]. In place where the cache is dead. */
export function withToken(
  cache: HeadCache,
  row: HeadRow,
  options: DecodingBlockOptions,
  position: Value,
): HeadCache {
  const { capacity, streaming, kind } = options;
  const place =
    streaming && kind !== "local" ? remainder(position, capacity) : rowOfToken(position, options);
  return {
    keys: writeRows(cache.keys, row.key, place),
    values: writeRows(cache.values, row.value, place),
    lists: cache.lists && row.bucket && insert(cache.lists, row.bucket, options, position),
    sums: row.sums,
  };
}

/** x[heads, B, C, w] with rows[heads, B, w] at the places of their sequences. */
function writeRows(x: Value, rows: Value, place: Value): Value {
  const [heads, batch, , width] = x.shape;
  const zero = array(0, "i32");
  return Array.from({ length: batch }, (_, b) => b).reduce((before, b) => {
    const row = reshape(sliceInDim(rows, b, b + 1, 1), [heads, 1, 1, width]);
    const at = reshape(sliceInDim(place, b, b + 1), []);
    return dynamicUpdateSlice(before, row, [zero, array(b, "i32"), at, zero]);
  }, x);
}

function insert(
  { links, ends }: BucketLists,
  bucket: Value,
  { memory, streaming }: DecodingBlockOptions,
  position: Value,
): BucketLists {
  const [heads, batch] = links.shape;
  const merge = (x: Value): Value => reshape(x, [heads * batch, ...x.shape.slice(2)]);
  const positions = reshape(broadcastInDim(position, [heads, batch], [1]), [heads * batch]);
  const operands = [merge(links), merge(ends), merge(bucket), positions];
  const room = { memory, ring: streaming };
  const [newLinks, newEnds] = ops.bindNamed("insertToken", operands, room);
  return { links: reshape(newLinks, links.shape), ends: reshape(newEnds, ends.shape) };
}
