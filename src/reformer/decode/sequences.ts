import { checkList } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { ReformaxError } from "../../core/errors.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim, gather } from "../../lax/index.ts";
import { concatenate } from "../../numpy/index.ts";
import { checkCache } from "./check-decode.ts";
import type { DecodeCache } from "./decode.ts";
import type { HuggingFaceCache } from "./huggingface/decode.ts";

/** What decoding keeps, by its own rules or by HuggingFace's. */
export type ReadCache = DecodeCache | HuggingFaceCache;

/**
 * The sequences `rows` i32[n] of a cache, in this order: for beams, of which some go on twice and others not at all, and to leave out what
 * has ended. Numbers are clamped to those of the sequences.
 *
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { decoding, initParams, reformerConfig } from "reformax/reformer";
 * await init();
 * const chunks = { lsh: { chunk: 4 }, local: { chunk: 4 } };
 * const config = reformerConfig({ vocabulary: 11, width: 16, ...chunks });
 * const prompts = array([[3, 1], [4, 1]], "i32");
 * const params = initParams(config, key(0));
 * const { cache } = decoding.begin(config, params, prompts, key(1), { capacity: 8 });
 * console.log(decoding.reorder(cache, array([1, 1, 0], "i32")).position.toArray()); // => [ 2, 2, 2 ]
 */
export function reorder<Cache extends ReadCache>(cache: Cache, rows: Value): Cache {
  checkCache(cache, "cache", "decoding.reorder");
  checkArray(rows, "i32", ["n"], "rows", "decoding.reorder");
  const chosen = (x: Value, axis: 0 | 1): Value =>
    axis === 0
      ? gather(x, rows, 0)
      : gather(x, broadcastInDim(rows, [x.shape[0], rows.shape[0]], [1]), 1);
  return ofSequences([cache], ([x], axis) => chosen(x, axis));
}

/**
 * The sequences of several caches of one model, capacity and key as one cache, whatever their lengths: rotations are those of the first.
 *
 * @throws ShapeError where the caches are not of one model and capacity
 */
export function join<Cache extends ReadCache>(caches: readonly Cache[]): Cache {
  const where = "decoding.join";
  checkList(caches, "caches", where).forEach((cache, i) => {
    checkCache(cache, `caches.${i}`, where);
  });
  if (caches.length === 0) {
    const expected = "one cache or more";
    throw new ReformaxError("there is nothing to join", { where, expected, got: "none" });
  }
  return caches.length === 1 ? caches[0] : ofSequences(caches, concatenate);
}

/** A cache of arrays that are made of those of some caches, along the axis of sequences. */
function ofSequences<Cache extends ReadCache>(
  caches: readonly Cache[],
  make: (arrays: readonly Value[], axis: 0 | 1) => Value,
): Cache {
  const made = <Tree>(axis: 0 | 1, [first, ...others]: readonly Tree[]): Tree =>
    tree.map((...arrays: Value[]) => make(arrays, axis), first, ...others);
  const texts = made(0, caches.map(perText));
  const layers = made(1, caches.map(perLayer));
  const [first] = caches;
  const { count, ...others } = texts;
  return {
    ...first,
    ...others,
    layers: layers.own,
    ...(layers.source && { source: { layers: layers.source, count } }),
  };
}

/** Caches of either kind, as far as sequences are concerned. */
type AnyCache = Pick<DecodeCache, "position" | "forgotten" | "source"> &
  Partial<Pick<HuggingFaceCache, "hashedFrom">> & { readonly layers: readonly object[] };

/** Arrays with a number for each sequence. */
const perText = ({ position, forgotten, hashedFrom, source }: AnyCache) => ({
  position,
  ...(forgotten && { forgotten }),
  ...(hashedFrom && { hashedFrom }),
  ...(source && { count: source.count }),
});

/** Arrays whose second axis is that of the sequences. */
const perLayer = ({ layers, source }: AnyCache) => ({
  own: layers,
  source: source?.layers ?? null,
});
