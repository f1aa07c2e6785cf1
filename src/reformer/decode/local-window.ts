import type { Value } from "../../core/value.ts";
import { broadcastInDim, gather, iota, sliceInDim } from "../../lax/index.ts";
import {
  add,
  floorDivide,
  fullLike,
  maximum,
  minimum,
  multiply,
  subtract,
} from "../../numpy/index.ts";
import type { HeadOptions } from "../attention/head-options.ts";
import { withRoom, type HeadCache } from "./cache.ts";
import type { DecodingBlockOptions } from "./decoding-blocks.ts";

type WindowOptions = Pick<HeadOptions, "kind" | "chunkLength" | "before" | "after" | "conventions">;

/**
 * The rows that a layer keeps where its tokens see the chunks before their own and nothing else: those of the window alone, from its first
 * token on. Null for layers that keep all tokens; around a ring that leads ahead, the last chunk sees the first ones.
 */
export const windowRows = ({
  kind,
  chunkLength,
  before,
  after,
  conventions,
}: WindowOptions): number | null =>
  kind === "local" && !(conventions.circular && after > 0) ? (before + 1) * chunkLength : null;

/** The first token in the window of the token at i32 position[B]. */
function windowStart(position: Value, { chunkLength, before }: WindowOptions): Value {
  const chunk = floorDivide(position, chunkLength);
  return multiply(maximum(subtract(chunk, before), 0), chunkLength);
}

/** The row of the token at i32 position[B]. */
export const rowOfToken = (position: Value, options: WindowOptions): Value =>
  windowRows(options) === null ? position : subtract(position, windowStart(position, options));

/** What is kept of the rows x[heads, B, L, w] of a prompt: a window, or as much of one as a text that ends can have. */
export function windowOf(
  x: Value,
  options: WindowOptions & Pick<DecodingBlockOptions, "capacity" | "streaming">,
): Value {
  const { chunkLength, before, capacity, streaming } = options;
  const rows = windowRows(options) ?? capacity;
  const length = x.shape[2];
  const last = Math.floor((length - 1) / chunkLength);
  const isWindow = streaming || rows < capacity;
  const start = isWindow ? Math.max(0, last - before) * chunkLength : 0;
  return withRoom(sliceInDim(x, start, length, 2), isWindow ? rows : capacity);
}

/** A layer as the token at i32 position[B] sees it: where that begins a chunk, the first chunk of the window before is forgotten. */
export function moved<Cache extends HeadCache>(
  cache: Cache,
  position: Value,
  options: WindowOptions,
): Cache {
  const [heads, batch, rows] = cache.keys.shape;
  if (rows !== windowRows(options)) return cache;
  const step = subtract(windowStart(position, options), windowStart(before(position), options));
  const row = iota("i32", [batch, rows], 1);
  const from = minimum(add(row, broadcastInDim(step, [batch, rows], [0])), rows - 1);
  const places = broadcastInDim(from, [heads, batch, rows], [1, 2]);
  return {
    ...cache,
    keys: gather(cache.keys, places, 2),
    values: gather(cache.values, places, 2),
  };
}

const before = (position: Value): Value => maximum(subtract(position, fullLike(position, 1)), 0);
