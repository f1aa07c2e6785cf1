/** Random models, and what decoding has to be for all of them. */
import fc from "fast-check";
import { expect } from "vitest";
import type { Tensor } from "../../src/core/tensor.ts";
import type { Value } from "../../src/core/value.ts";
import { array } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  decoding,
  initParams,
  reformerConfig,
  type ReformerConfig,
} from "../../src/reformer/index.ts";
import { integers } from "../support/random-data.ts";
import { scattered } from "./block-options.ts";

export const vocabulary = 13;

export const words = (x: Value): Float32Array => (x as Tensor).words() as Float32Array;

/** With some of what attention may have beside the plainest. */
export const configs = fc
  .record({
    conventions: fc.constantFrom("paper", "trax", "huggingface", "lucidrains"),
    layers: fc.array(fc.constantFrom("lsh", "local", "full"), { minLength: 1, maxLength: 2 }),
    chunk: fc.integer({ min: 1, max: 5 }),
    localChunk: fc.integer({ min: 1, max: 4 }),
    before: fc.integer({ min: 0, max: 2 }),
    rounds: fc.integer({ min: 1, max: 3 }),
    buckets: fc.constantFrom<"auto" | number>("auto", 2, 4),
    centred: fc.boolean(),
    reversible: fc.constantFrom("exact", "float", "none"),
    separate: fc.boolean(),
    tiedEmbedding: fc.boolean(),
    positions: fc.constantFrom(
      { kind: "learned", length: 40 } as const,
      {
        kind: "axial",
        shape: [5, 8],
        widths: [4, 4],
      } as const,
      { kind: "axial", shape: [2, 4, 5], widths: [8, 8, 8], combination: "sum" } as const,
      { kind: "sinusoid" } as const,
      { kind: "none" } as const,
    ),
    residual: fc.constantFrom(
      undefined,
      { norm: "scale", gain: true, layerDropout: 0.5 } as const,
      { norm: "rms" } as const,
    ),
    feedForward: fc.constantFrom(
      undefined,
      { gated: true },
      { recurrent: { layers: 2 } } as const,
      { gated: true, recurrent: { layers: 1, units: 5, place: "beside" } } as const,
      {
        recurrent: { layers: 1, units: 3 },
        productKeys: { at: [0], keys: 4, heads: 1, best: 2, queryWidth: 4 },
      } as const,
    ),
    bestBuckets: fc.boolean(),
    attention: fc.record(
      {
        rotary: fc.constant({ rotaryBase: 100, rotaryLayers: ["lsh", "local", "full"] as const }),
        outputBias: fc.constant(true),
        memory: fc.integer({ min: 1, max: 3 }),
        localHeads: fc.integer({ min: 1, max: 2 }),
        oneValueHead: fc.constant(true),
      },
      { requiredKeys: [] },
    ),
  })
  .map(
    ({
      chunk,
      before,
      rounds,
      buckets,
      centred,
      separate,
      tiedEmbedding,
      bestBuckets,
      attention: { rotary, ...attention },
      localChunk,
      ...rest
    }): ReformerConfig =>
      reformerConfig({
        ...rest,
        tiedEmbedding: tiedEmbedding && rest.conventions === "lucidrains",
        vocabulary,
        width: 8,
        heads: 3,
        headWidth: rotary ? 6 : 5,
        attention: { ...attention, ...rotary },
        feedForwardWidth: 11,
        local: { chunk: localChunk, before },
        // The best buckets are as many as there are rounds, at most.
        lsh: bestBuckets
          ? { chunk, before, rounds: Math.min(2, rounds), buckets, centred, bestBuckets }
          : { chunk, before, rounds, buckets, centred },
        ...(separate ? { full: { queryKey: "separate" } } : {}),
      }),
  );

export const run = fc.record({
  config: configs,
  prompt: fc.integer({ min: 1, max: 12 }),
  more: fc.integer({ min: 1, max: 10 }),
  spare: fc.integer({ min: 0, max: 3 }),
  batch: fc.integer({ min: 1, max: 2 }),
  seed: fc.nat(1000),
});

export type Run = typeof run extends fc.Arbitrary<infer T> ? T : never;

/** The least room in which local heads find their windows. */
const windowOf = ({ attention, local, layers }: ReformerConfig): number =>
  attention?.localHeads && layers.some((kind) => kind !== "local")
    ? (local.before + 1) * local.chunk
    : 1;

/** Reads a prompt and tokens behind it both ways, and expects the same bits. With `forgotten` there is room for so many tokens less. */
export function expectDefinition(
  { config, prompt, more, spare, batch, seed }: Run,
  forgotten?: number,
): void {
  const params = scattered(initParams(config, key(seed)));
  const length = prompt + more;
  const options =
    forgotten === undefined
      ? { capacity: length + spare }
      : { capacity: Math.max(prompt, windowOf(config), length - forgotten), streaming: true };
  const ids = integers(seed, batch * length, vocabulary);
  const row = (at: number): number[] =>
    Array.from({ length: batch }, (_, b) => ids[b * length + at]);
  const tokens = array(
    Array.from({ length: batch }, (_, b) => Array.from({ length: prompt }, (__, i) => row(i)[b])),
    "i32",
  );
  let cached = decoding.begin(config, params, tokens, key(1), options);
  let defined = decoding.beginReference(config, params, tokens, key(1), options);
  expect(words(cached.logits)).toEqual(words(defined.logits));
  for (let t = prompt; t < length; t++) {
    const token = array(row(t), "i32");
    cached = decoding.next(config, params, cached.cache, token);
    defined = decoding.nextReference(config, params, defined.cache, token);
    expect(words(cached.logits)).toEqual(words(defined.logits));
  }
  expect(words(cached.cache.position)).toEqual(new Int32Array(batch).fill(length));
}
