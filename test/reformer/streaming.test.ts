/* Texts without an end: what is forgotten, what is not, and that nothing grows. */
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { init, jit } from "../../src/index.ts";
import * as tree from "../../src/core/tree.ts";
import type { Value } from "../../src/core/value.ts";
import { array } from "../../src/numpy/index.ts";
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

const sizes = { vocabulary, width: 8, heads: 2, headWidth: 6, feedForwardWidth: 11 } as const;
const small = (choice: object): ReformerConfig =>
  reformerConfig({
    ...sizes,
    layers: ["local", "lsh", "full"],
    positions: { kind: "sinusoid" },
    local: { chunk: 3 },
    lsh: { chunk: 4, rounds: 2, buckets: 4, centred: true },
    ...choice,
  });

/** Logits behind the prompt and every later token. */
function stream(
  config: ReformerConfig,
  ids: readonly number[],
  prompt: number,
  options: { capacity: number; streaming?: boolean },
) {
  const params = scattered(initParams(config, key(5)));
  const step = jit((p: typeof params, c: DecodeCache, token: Value) =>
    decoding.next(config, p, c, token),
  );
  const start = array([ids.slice(0, prompt)], "i32");
  let read = decoding.begin(config, params, start, key(1), options);
  const shapes = (): readonly unknown[] =>
    tree.leaves<Value>(read.cache).map(({ shape }) => [...shape]);
  const first = shapes();
  const all = [words(read.logits)];
  for (const id of ids.slice(prompt)) {
    read = step(params, read.cache, array([id], "i32"));
    all.push(words(read.logits));
  }
  expect(shapes()).toEqual(first);
  return { all, ...read };
}

describe("a text that goes on", () => {
  test("is its definition bit for bit: the last tokens, sorted and chunked as if they were all", () => {
    fc.assert(
      fc.property(run, fc.nat(12), (drawn, forgotten) => {
        expectDefinition(drawn, forgotten);
      }),
      { numRuns: 12 },
    );
  });

  test("is what the model gives for the last tokens alone, where one layer and no positions are all there is", () => {
    fc.assert(
      fc.property(run, fc.integer({ min: 1, max: 6 }), ({ config: drawn, more, seed }, room) => {
        fc.pre(drawn.conventions !== "huggingface");
        const [kind] = drawn.layers.filter((name) => name !== "local");
        fc.pre(kind !== undefined);
        const {
          rotaryBase: _,
          rotaryLayers: __,
          localHeads: ___,
          ...attention
        } = drawn.attention ?? {};
        const config: ReformerConfig = {
          ...drawn,
          attention,
          // Recurrent units go on from what they have read before.
          feedForward: drawn.feedForward?.recurrent ? undefined : drawn.feedForward,
          layers: [kind],
          lsh: { ...drawn.lsh, buckets: 4, centred: false },
          positions: { kind: "none" },
        };
        const params = scattered(initParams(config, key(seed)));
        const capacity = room + 2;
        const ids = [...integers(seed, capacity + more, vocabulary)];
        const text = (from: number, to: number) => array([ids.slice(from, to)], "i32");
        const options = { capacity, streaming: true };
        let { cache } = decoding.begin(config, params, text(0, 1), key(1), options);
        for (let t = 1; t < ids.length; t++) {
          const read = decoding.next(config, params, cache, array([ids[t]], "i32"));
          cache = read.cache;
          const last = text(Math.max(0, t + 1 - capacity), t + 1);
          const whole = words(logits(config, params, last, key(1)));
          expect(words(read.logits)).toEqual(whole.slice(-vocabulary));
        }
      }),
      { numRuns: 12 },
    );
  });

  test("is what it is without streaming, as long as there is room; the cache says what is forgotten, and does not grow", () => {
    const ids = [...integers(3, 60, vocabulary)];
    const config = small({});
    const capacity = 16;
    const ends = stream(config, ids.slice(0, capacity), 5, { capacity });
    const goes = stream(config, ids, 5, { capacity, streaming: true });
    expect(goes.all.slice(0, ends.all.length)).toEqual(ends.all);
    expect(goes.health.badLayer.item()).toBe(-1);
    expect(goes.cache.forgotten?.toArray()).toEqual([60 + 1 - capacity]);
    expect(ends.cache.forgotten).toBeUndefined();
    const full = stream(config, ids.slice(0, capacity), capacity, { capacity, streaming: true });
    expect(full.cache.forgotten?.toArray()).toEqual([1]);
    const local = small({ layers: ["local"], local: { chunk: 8 } });
    const windows = stream(local, ids, 5, { capacity: 6, streaming: true });
    expect(windows.cache.forgotten?.toArray()).toEqual([0]);
    const whole = words(
      logits(local, scattered(initParams(local, key(5))), array([ids], "i32"), key(1)),
    );
    expect(windows.all.at(-1)).toEqual(whole.slice(-vocabulary));
  });
});

test.each([
  {},
  { attention: { memory: 3, localHeads: 1, rotaryBase: 100 } },
  { lsh: { chunk: 4, rounds: 2, buckets: 8, bestBuckets: true } },
])("a token needs as much beside the cache as it does beside a smaller one: %o", (choice) => {
  const config = small({ layers: ["local", "lsh"], ...choice });
  const params = initParams(config, key(5));
  const others = [64, 2048].map((capacity) => {
    const options = { capacity, streaming: true };
    const { cache } = decoding.begin(config, params, array([[1, 2]], "i32"), key(1), options);
    const step = jit(
      (p: typeof params, c: DecodeCache, token: Value) => decoding.next(config, p, c, token),
      { donateArgnums: [1], overwrite: true },
    );
    const { peakBytes } = step.lower(params, cache, array([1], "i32")).report;
    const kept = tree
      .leaves<Value>(cache)
      .reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
    return peakBytes - kept;
  });
  // Places are rounded up, each by a few bytes.
  expect(Math.abs(others[1] - others[0])).toBeLessThan(2048);
});

test("texts of different lengths go on together, in any order", () => {
  const config = small({});
  const params = initParams(config, key(5));
  const options = { capacity: 6, streaming: true };
  const begin = (ids: readonly number[]) =>
    decoding.begin(config, params, array([ids], "i32"), key(1), options).cache;
  const next = (cache: DecodeCache, ids: readonly number[]) =>
    decoding.next(config, params, cache, array(ids, "i32"));
  let [long, short] = [begin([1, 2, 3, 4, 5, 6]), begin([7])];
  let both = decoding.join([long, short]);
  let rows: number[] = [];
  for (let i = 0; i < 5; i++) {
    const read = next(both, [i, 9]);
    both = read.cache;
    rows = [...words(read.logits)];
    long = next(long, [i]).cache;
    short = next(short, [9]).cache;
  }
  expect(both.forgotten?.toArray()).toEqual([6, 1]);
  const turned = decoding.reorder(both, array([1, 0, 1], "i32"));
  expect(turned.forgotten?.toArray()).toEqual([1, 6, 1]);
  expect(rows).toHaveLength(2 * vocabulary);
  const after = [...words(next(turned, [3, 3, 3]).logits)];
  const alone = [short, long, short].flatMap((cache) => [...words(next(cache, [3]).logits)]);
  expect(after).toEqual(alone);
});

test("positions of a table end, and the text says so; what cannot forget is refused", () => {
  const ids = [...integers(4, 12, vocabulary)];
  for (const layers of [["local"], ["full"]] as const) {
    const learned = small({ layers, positions: { kind: "learned", length: 10 } });
    const options = { capacity: 6, streaming: true };
    expect(stream(learned, ids.slice(0, 10), 2, options).health.badLayer.item()).toBe(-1);
    expect(stream(learned, ids.slice(0, 11), 2, options).health.badLayer.item()).toBe(0);
  }
  const begin = (choice: object, capacity: number, streaming: unknown = true): unknown => {
    const config = small(choice);
    const options = { capacity, streaming: streaming as boolean };
    return decoding.begin(config, initParams(config, key(5)), array([[1]], "i32"), key(1), options);
  };
  const ahead = { conventions: "trax", local: { chunk: 3, after: 1 } };
  expect(() => begin(ahead, 8)).toThrow(/beginning of a text.*local.after 1/s);
  expect(() => begin(ahead, 8, false)).not.toThrow();
  const heads = { attention: { localHeads: 1 }, local: { chunk: 4, before: 1 } };
  expect(() => begin(heads, 7)).toThrow(/windows of local heads.*at least 8.*got 7/s);
  expect(() => begin(heads, 8)).not.toThrow();
  expect(() => begin({}, 8, "yes")).toThrow(/streaming/);
  const foreign = small({ conventions: "huggingface", lsh: { chunk: 4, centred: false } });
  const params = initParams(foreign, key(5));
  const prompt = array([[1]], "i32");
  expect(() =>
    decoding.huggingFace.begin(foreign, params, prompt, key(1), { capacity: 8, streaming: true }),
  ).toThrow(/does not forget/);
});
