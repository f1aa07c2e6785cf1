import { checkList } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { ReformaxError } from "../../core/errors.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim, gather } from "../../lax/index.ts";
import { concatenate } from "../../numpy/index.ts";
import { checkCache } from "./check-decode.ts";
import type { DecodeCache } from "./decode.ts";

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
export function reorder(cache: DecodeCache, rows: Value): DecodeCache {
  checkCache(cache, "cache", "decoding.reorder");
  checkArray(rows, "i32", ["n"], "rows", "decoding.reorder");
  const ofHeads = (x: Value): Value =>
    gather(x, broadcastInDim(rows, [x.shape[0], rows.shape[0]], [1]), 1);
  const { source } = cache;
  return {
    ...cache,
    position: gather(cache.position, rows, 0),
    layers: tree.map(ofHeads, cache.layers),
    ...(source && {
      source: { layers: tree.map(ofHeads, source.layers), count: gather(source.count, rows, 0) },
    }),
  };
}

/**
 * The sequences of several caches of one model, capacity and key as one cache, whatever their lengths: rotations are those of the first.
 *
 * @throws ShapeError where the caches are not of one model and capacity
 */
export function join(caches: readonly DecodeCache[]): DecodeCache {
  const where = "decoding.join";
  checkList(caches, "caches", where).forEach((cache, i) => {
    checkCache(cache, `caches.${i}`, where);
  });
  if (caches.length === 0) {
    const expected = "one cache or more";
    throw new ReformaxError("there is nothing to join", { where, expected, got: "none" });
  }
  const [first, ...others] = caches;
  const ofHeads = (x: Value, y: Value): Value => concatenate([x, y], 1);
  return others.reduce((before, cache): DecodeCache => {
    const [a, b] = [before.source, cache.source];
    return {
      ...before,
      position: concatenate([before.position, cache.position], 0),
      layers: tree.map(ofHeads, before.layers, cache.layers),
      ...(a &&
        b && {
          source: {
            layers: tree.map(ofHeads, a.layers, b.layers),
            count: concatenate([a.count, b.count], 0),
          },
        }),
    };
  }, first);
}
