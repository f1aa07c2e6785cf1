/* Cached decoding against its definition, bit for bit, and against the whole model where no later token matters. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { init, jit, vmap } from "../../src/index.ts";
import * as tree from "../../src/core/tree.ts";
import type { Value } from "../../src/core/value.ts";
import { safetensors } from "../../src/interop/index.ts";
import { tensorsOf, treeFromOrThrow } from "../../src/training/index.ts";
import { array, concatenate, reshape, zeros } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  decoding,
  initParams,
  logits,
  reformerConfig,
  type DecodeCache,
  type ReformerConfig,
} from "../../src/reformer/index.ts";
import { integers } from "../support/random-data.ts";
import { scattered } from "./block-options.ts";
import { expectDefinition, run, vocabulary, words } from "./decoding-case.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

test("cached decoding gives what its definition gives, bit for bit", () => {
  fc.assert(
    fc.property(run, (drawn) => {
      expectDefinition(drawn);
    }),
    { numRuns: 16 },
  );
});

test("a prompt is read as the model reads it, where the number of buckets is given", () => {
  fc.assert(
    fc.property(run, ({ config: drawn, prompt, spare, batch, seed }) => {
      // HuggingFace fills texts up.
      fc.pre(drawn.conventions !== "huggingface");
      const config = { ...drawn, lsh: { ...drawn.lsh, buckets: 4 } };
      const params = scattered(initParams(config, key(seed)));
      const ids = integers(seed, batch * prompt, vocabulary);
      const tokens = reshape(array([...ids], "i32"), [batch, prompt]);
      const capacity = prompt + spare;
      const begun = decoding.begin(config, params, tokens, key(1), { capacity });
      const whole = words(logits(config, params, tokens, key(1)));
      for (let b = 0; b < batch; b++) {
        const end = (b + 1) * prompt * vocabulary;
        const own = words(begun.logits).slice(b * vocabulary, (b + 1) * vocabulary);
        expect(own).toEqual(whole.slice(end - vocabulary, end));
      }
    }),
    { numRuns: 12 },
  );
});

test("a token of a single layer is what the model gives for the text so far, bit for bit", () => {
  fc.assert(
    fc.property(run, ({ config: drawn, prompt, more, seed }) => {
      // It turns rings further than they are long, too.
      fc.pre(drawn.conventions !== "huggingface");
      const [kind] = drawn.layers;
      // A later token may change what earlier ones make of themselves, and recurrent units go on from what these were.
      fc.pre(!drawn.feedForward?.recurrent || !changesEarlier(drawn, prompt));
      const lsh = { ...drawn.lsh, buckets: 4, centred: false };
      const config: ReformerConfig = { ...drawn, layers: [kind], lsh };
      const params = scattered(initParams(config, key(seed)));
      const ids = [...integers(seed, prompt + more, vocabulary)];
      const text = (length: number) => array([ids.slice(0, length)], "i32");
      const capacity = prompt + more;
      let { cache } = decoding.begin(config, params, text(prompt), key(1), { capacity });
      for (let t = prompt; t < prompt + more; t++) {
        const read = decoding.next(config, params, cache, array([ids[t]], "i32"));
        cache = read.cache;
        const whole = words(logits(config, params, text(t + 1), key(1)));
        expect(words(read.logits)).toEqual(whole.slice(-vocabulary));
      }
    }),
    { numRuns: 12 },
  );
});

/** Whether a token behind so many changes rows before it in a model of the first layer alone. */
function changesEarlier(config: ReformerConfig, tokens: number): boolean {
  const { conventions, attention, local, layers } = config;
  const [kind] = layers;
  // It moves them to other chunks, or memory to another place.
  if (kind === "lsh" || attention?.memory !== undefined) return true;
  // A window around a ring of no more chunks leads to chunks twice, until another chunk parts its ends.
  const isWindow = kind === "local" || attention?.localHeads !== undefined;
  const isRing = conventions === "trax" || conventions === "lucidrains";
  return isWindow && isRing && Math.ceil(tokens / local.chunk) <= local.before;
}

/** Logits of the token after each of ids from the prompt's last on, by cached decoding: the prompt, then the others one by one. */
function decodeAll(
  config: ReformerConfig,
  seed: number,
  ids: readonly number[],
  prompt = 1,
): Float32Array[] {
  const params = scattered(initParams(config, key(seed)));
  const start = array([ids.slice(0, prompt)], "i32");
  let { logits: first, cache } = decoding.begin(config, params, start, key(1), {
    capacity: ids.length,
  });
  const step = jit((p: typeof params, c: DecodeCache, token: Value) =>
    decoding.next(config, p, c, token),
  );
  const all = [words(first)];
  for (const id of ids.slice(prompt)) {
    ({ logits: first, cache } = step(params, cache, array([id], "i32")));
    all.push(words(first));
  }
  return all;
}

describe("where no later token matters, decoding is the whole model", () => {
  const whole = { vocabulary, width: 8, heads: 2, headWidth: 5, feedForwardWidth: 11 } as const;
  const at: ReformerConfig["positions"] = { kind: "learned", length: 40 };
  const ids = [...integers(3, 24, vocabulary)];
  const ofWhole = (config: ReformerConfig): Float32Array[] => {
    const params = scattered(initParams(config, key(5)));
    const all = words(logits(config, params, array([ids], "i32"), key(1)));
    return ids.map((_, i) => all.slice(i * vocabulary, (i + 1) * vocabulary));
  };

  test.each([
    { layers: ["local", "full"], conventions: "paper" },
    { layers: ["full", "local"], conventions: "trax" },
    { layers: ["local", "local"], conventions: "huggingface", reversible: "float" },
    { layers: ["full", "full"], full: { queryKey: "separate" }, reversible: "none" },
    {
      layers: ["full", "local"],
      attention: { rotaryBase: 50, rotaryLayers: ["local", "full"], outputBias: true },
      headWidth: 6,
    },
    { layers: ["full", "local", "full"], attention: { localHeads: 1 } },
    { layers: ["full", "local"], feedForward: { recurrent: { layers: 2 } } },
  ] as const)("bit for bit: %o", (choice) => {
    const config = reformerConfig({
      ...whole,
      ...choice,
      positions: at,
      local: { chunk: 4 },
      lsh: { chunk: 4 },
    });
    expect(decodeAll(config, 5, ids)).toEqual(ofWhole(config));
  });

  test.each([
    {},
    { best: true },
    // Memory moves on with the text: it stands behind the tokens of its bucket.
    { after: 1, attention: { memory: 1 } },
    { after: 1, attention: { memory: 2, localHeads: 1 }, layers: ["full", "lsh"] as const },
  ])(
    "lsh with the bucket mask, while no bucket is longer than a chunk, up to rounding: %o",
    (choice) => {
      const { best = false, after = 0, ...others } = choice;
      const config = reformerConfig({
        ...whole,
        layers: ["lsh", "lsh"],
        positions: at,
        lsh: {
          chunk: 8,
          before: 1,
          after,
          rounds: 2,
          buckets: 16,
          ...(best && { bestBuckets: true }),
        },
        local: { chunk: 4 },
        ...others,
      });
      const expected = ofWhole(config);
      // Not before: a text of a chunk is attended to whole.
      const prompt = 9;
      decodeAll(config, 5, ids, prompt).forEach((row, i) => {
        row.forEach((value, c) => {
          expect(Math.abs(value - expected[prompt - 1 + i][c])).toBeLessThan(1e-5);
        });
      });
    },
  );
});

test("a cache is a tree: sequences are decoded together as alone, reordered, and mapped over", () => {
  const config = reformerConfig({
    vocabulary,
    width: 8,
    heads: 2,
    headWidth: 5,
    feedForwardWidth: 11,
    layers: ["local", "lsh"],
    positions: { kind: "learned", length: 40 },
    lsh: { chunk: 4, rounds: 2, centred: true },
    local: { chunk: 4 },
  });
  const params = initParams(config, key(5));
  const begin = (ids: readonly number[]) =>
    decoding.begin(config, params, array([ids], "i32"), key(1), { capacity: 16 });
  // Prompts of different lengths.
  const [long, short] = [begin([1, 2, 3, 4, 5, 6, 7]), begin([7, 8, 9])];
  const stack = (a: DecodeCache, b: DecodeCache): DecodeCache => ({
    position: concatenate([b.position, a.position], 0),
    layers: a.layers.map((layer, i) =>
      tree.map((x: Value, y: Value) => concatenate([y, x], 1), layer, b.layers[i]),
    ),
    rotations: a.rotations,
  });
  const together = decoding.next(
    config,
    params,
    stack(long.cache, short.cache),
    array([3, 4], "i32"),
  );
  const alone = [
    decoding.next(config, params, short.cache, array([3], "i32")),
    decoding.next(config, params, long.cache, array([4], "i32")),
  ];
  const rows = [...words(together.logits)];
  expect(rows).toEqual(alone.flatMap(({ logits: row }) => [...words(row)]));
  const mapped = vmap((token: Value) => decoding.next(config, params, long.cache, token).logits)(
    array([[4], [5]], "i32"),
  );
  expect([...words(mapped)].slice(0, vocabulary)).toEqual([...words(alone[1].logits)]);
});

test("a local layer keeps its window alone; without other layers there is no end to a text", () => {
  const config = reformerConfig({
    vocabulary,
    width: 8,
    heads: 2,
    headWidth: 5,
    feedForwardWidth: 11,
    layers: ["local", "local"],
    positions: { kind: "none" },
    local: { chunk: 3, before: 1 },
    lsh: { chunk: 3 },
  });
  const params = initParams(config, key(5));
  const ids = [...integers(7, 40, vocabulary)];
  const begun = decoding.begin(config, params, array([ids.slice(0, 8)], "i32"), key(1), {
    capacity: 9,
  });
  expect(begun.cache.layers.map(({ keys }) => keys.shape)).toEqual([
    [2, 1, 6, 5],
    [2, 1, 6, 5],
  ]);
  let { cache, logits: last, health } = begun;
  for (const id of ids.slice(8)) {
    ({ cache, logits: last, health } = decoding.next(config, params, cache, array([id], "i32")));
  }
  expect(health.badLayer.item()).toBe(-1);
  const whole = words(logits(config, params, array([ids], "i32"), key(1)));
  expect(words(last)).toEqual(whole.slice(39 * vocabulary));
});

test("a cache is saved and loaded, and goes on with the same bits", () => {
  const config = reformerConfig({
    vocabulary,
    width: 8,
    heads: 2,
    headWidth: 5,
    feedForwardWidth: 11,
    layers: ["local", "lsh"],
    positions: { kind: "learned", length: 40 },
    lsh: { chunk: 4, rounds: 2, centred: true },
    local: { chunk: 4 },
  });
  const params = initParams(config, key(5));
  const begin = (ids: readonly number[]) =>
    decoding.begin(config, params, array([ids], "i32"), key(1), { capacity: 32 });
  const { cache } = begin([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const bytes = safetensors.serialize(tensorsOf(cache));
  // Any other cache of the model says where what belongs.
  const loaded = treeFromOrThrow(begin([0]).cache, safetensors.parseOrThrow(bytes).tensors);
  const next = (from: DecodeCache) =>
    words(decoding.next(config, params, from, array([3], "i32")).logits);
  expect(next(loaded)).toEqual(next(cache));
});

test("what has no room is refused, or says so", () => {
  const config = reformerConfig({
    vocabulary,
    width: 8,
    heads: 1,
    headWidth: 4,
    layers: ["local"],
    positions: { kind: "learned", length: 6 },
    lsh: { chunk: 2 },
    local: { chunk: 2 },
  });
  const params = initParams(config, key(5));
  const begin = (ids: readonly number[], capacity: number) =>
    decoding.begin(config, params, array([ids], "i32"), key(1), { capacity });
  expect(() => begin([1, 2, 3], 7)).toThrow(/positions for so many.*at most 6.*got 7/);
  expect(() => begin([1, 2, 3], 2)).toThrow(/does not fit.*1 to 2 tokens.*got 3/);
  expect(() => begin([1], 2.5)).toThrow(/capacity/);
  const { cache } = begin([1, 2], 2);
  expect(() => decoding.next(config, params, cache, array([[1]], "i32"))).toThrow(/i32\[1\]/);
  const beyond = decoding.next(config, params, cache, array([1], "i32"));
  expect(beyond.health.badLayer.item()).toBe(0);
  const both = reformerConfig({ ...config, mask: "full" });
  expect(() => decoding.begin(both, params, array([[1]], "i32"), key(1), { capacity: 2 })).toThrow(
    /causal/,
  );
});

test("a cache without the states of recurrent units is refused", () => {
  const feedForward = { recurrent: { layers: 2, units: 3, place: "beside" } } as const;
  const config = reformerConfig({
    vocabulary,
    width: 8,
    layers: ["local"],
    feedForward,
    positions: { kind: "none" },
    local: { chunk: 2 },
  });
  const params = initParams(config, key(5));
  const tokens = array([[1, 2]], "i32");
  const { cache } = decoding.begin(config, params, tokens, key(1), { capacity: 4 });
  const [layer] = cache.layers;
  expect(layer.states?.shape).toEqual([1, 1, 6]);
  const next = (states?: Value) => () =>
    decoding.next(config, params, { ...cache, layers: [{ ...layer, states }] }, array([1], "i32"));
  expect(next(layer.states)).not.toThrow();
  expect(next()).toThrow(/cache.layers.0/);
  expect(next(zeros([1, 1, 5]))).toThrow(/cache.layers.0.states.*f32\[1,1,6\].*f32\[1,1,5\]/);
});
