/** What goes wrong in trax's Reformer, one test each. */
import { beforeAll, describe, expect, test } from "vitest";
import { searchBeams } from "../../src/generation/beam-search.ts";
import type { RowReader } from "../../src/generation/row-reader.ts";
import { grad, init, jit, tree, type Value } from "../../src/index.ts";
import { iota } from "../../src/lax/index.ts";
import { array, greater, index, slice, where } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  automaticBuckets,
  decoding,
  logits,
  lsh,
  reformerConfig,
  runStack,
  type DecodeCache,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { expectSameBits, i32 } from "../support/arrays.ts";
import { changedAt, config, isSomething, lossOf, paramsOf, tokensOf } from "./models.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

describe("trax", () => {
  test("an axial shape alone gives sinusoids without a word", () => {
    const gradient = grad(lossOf(config, tokensOf(1, 16), key(1)))(paramsOf(config));
    for (const table of tree.leaves<Value>(gradient.positions))
      expect(isSomething(table)).toBe(true);
    const alone = { shape: [5, 6], widths: [3, 5] } as never;
    expect(reformerConfig({ width: 8, positions: alone }).positions.kind).toBe("axial");
    const misspelt = { kind: "axail", shape: [5, 6], widths: [3, 5] } as never;
    expect(() => reformerConfig({ width: 8, positions: misspelt })).toThrow(/positions/);
  });

  test.each(["local", "lsh", "full"] as const)(
    "masked tokens at positions 0 and 1 are seen: %s",
    (kind) => {
      for (const mask of ["causal", "full"] as const) {
        const model: ReformerConfig = { ...config, mask, layers: [kind, kind] };
        const tokens = tokensOf(2, 12);
        const valid = i32([1, 12], [0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1]);
        const real = (x: Value): Value => {
          const { first } = runStack(model, paramsOf(model), x, key(1), { valid }).streams;
          return index(first, slice(), slice(2, 10));
        };
        expectSameBits(real(changedAt(tokens, 0, 2)), real(tokens), mask);
      }
    },
  );

  test("sort keys of bucket times length overflow 32 bits", () => {
    const length = 4096;
    const numBuckets = 2 ** 20;
    const buckets = Array.from({ length }, (_, i) => numBuckets - 1 - i * 200);
    const { order } = lsh.sort(i32([1, 1, length], buckets), numBuckets);
    expect(Array.from(order.dataSync())).toEqual(buckets.map((_, i) => length - 1 - i));
  });

  test("in both directions the first chunk sees the last one (HuggingFace too)", () => {
    const model: ReformerConfig = { ...config, mask: "full", layers: ["local"] };
    const tokens = tokensOf(2, 12);
    const { chunk } = model.local;
    const first = (x: Value): Value =>
      index(runStack(model, paramsOf(model), x, key(1)).streams.first, slice(), slice(0, chunk));
    expectSameBits(first(changedAt(tokens, 8, 12)), first(tokens), "the first chunk");
  });

  test("chunks of the feed-forward block that do not divide the length are switched off", () => {
    const wide: ReformerConfig = { ...config, layers: ["local"], feedForwardWidth: 2000 };
    const chunked: ReformerConfig = { ...wide, feedForwardChunk: 4 };
    const tokens = tokensOf(3, 29);
    const [whole, inChunks] = [wide, chunked].map((model) =>
      jit((x: Value) => logits(model, paramsOf(model), x, key(1))),
    );
    expectSameBits(inChunks(tokens), whole(tokens), "logits");
    const peak = (f: typeof whole): number => f.lower(tokens).report.peakBytes;
    expect(peak(whole) - peak(inChunks)).toBeGreaterThan(20 * 2000 * 4);
  });

  test("decoding counts its buckets for another length than the text before", () => {
    const model: ReformerConfig = { ...config, layers: ["lsh"] };
    const capacity = 30;
    const [count] = automaticBuckets(capacity, model.lsh.chunk);
    for (const length of [2, 13]) {
      const tokens = tokensOf(4, length);
      const { cache } = decoding.begin(model, paramsOf(model), tokens, key(1), { capacity });
      const after = decoding.next(model, paramsOf(model), cache, array([5], "i32")).cache;
      expect(cache.rotations[0]?.shape[4]).toBe(count / 2);
      expect(after.layers[0].lists?.ends.shape[4]).toBe(count);
    }
  });

  test("an output bias breaks lsh attention", () => {
    const model: ReformerConfig = { ...config, attention: { outputBias: true } };
    const { layers } = grad(lossOf(model, tokensOf(5, 14), key(1)))(paramsOf(model));
    for (const { f } of layers) expect(isSomething(f.shared.bias)).toBe(true);
  });

  test("the place behind the last token takes part in decoding", () => {
    const model: ReformerConfig = { ...config, layers: ["lsh", "full"] };
    const params = paramsOf(model);
    const { cache } = decoding.begin(model, params, tokensOf(6, 9), key(1), { capacity: 20 });
    const isBehind = greater(iota("i32", [1, 1, 20, 1], 2), 8);
    const poisoned: DecodeCache = {
      ...cache,
      layers: cache.layers.map((layer) => ({
        ...layer,
        keys: where(isBehind, Number.NaN, layer.keys),
        values: where(isBehind, Number.NaN, layer.values),
      })),
    };
    const [clean, other] = [cache, poisoned].map(
      (kept) => decoding.next(model, params, kept, array([5], "i32")).logits,
    );
    expectSameBits(other, clean, "logits");
  });

  test.each(["paper", "trax", "huggingface", "lucidrains"] as const)(
    "one of the two streams is lost on its way to the output: %s",
    (conventions) => {
      const model: ReformerConfig = { ...config, conventions, layers: ["full"] };
      const { layers } = grad(lossOf(model, tokensOf(7, 9), key(1)))(paramsOf(model));
      expect(isSomething(layers[0].f)).toBe(true);
      expect(isSomething(layers[0].g)).toBe(true);
    },
  );

  test("hashing in evaluation depends on how often it was asked", () => {
    const tokens = tokensOf(8, 16);
    const once = logits(config, paramsOf(config), tokens, key(1));
    expectSameBits(logits(config, paramsOf(config), tokens, key(1)), once, "again");
  });

  test("beam search knows no batch, no end and no penalty for length", async () => {
    // After token 1, the end 0 is likely; after token 2, another 2.
    const read: RowReader = (texts) =>
      Promise.resolve(
        texts.map((text) => Float64Array.from(text.at(-1) === 1 ? [3, 0, 0] : [0, 0, 3])),
      );
    const search = (lengthPenalty: number) =>
      searchBeams(read, [[1], [2]], 3, {
        beams: 2,
        lengthPenalty,
        earlyStopping: false,
        endTokens: [0],
      });
    const [[ended], [going]] = await search(1);
    expect(ended).toMatchObject({ tokens: [0], hasEnded: true });
    expect(going).toMatchObject({ tokens: [2, 2, 2], hasEnded: false });
    // A sum of logarithms alone prefers the text that ends at once.
    const [, [short]] = await search(-3);
    expect(short.tokens.length).toBeLessThan(3);
  });
});
