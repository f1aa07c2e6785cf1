/* Cached decoding of an encoder-decoder: against its definition, and against the whole model. */
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { init, jit } from "../../src/index.ts";
import type { Tensor } from "../../src/core/tensor.ts";
import type { Value } from "../../src/core/value.ts";
import { array } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  decoding,
  encoderDecoder,
  initParams,
  reformerConfig,
  type DecodeCache,
} from "../../src/reformer/index.ts";
import { integers } from "../support/random-data.ts";
import { scattered } from "./block-options.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

const vocabulary = 13;
const words = (x: Value): Float32Array => (x as Tensor).words() as Float32Array;
const rowsOf = (ids: ArrayLike<number>, batch: number): Value => {
  const length = ids.length / batch;
  return array(
    Array.from({ length: batch }, (_, b) => Array.from({ length }, (__, i) => ids[b * length + i])),
    "i32",
  );
};

const run = fc.record({
  layers: fc.array(fc.constantFrom("full", "local", "lsh"), { minLength: 1, maxLength: 2 }),
  reversible: fc.constantFrom("exact", "float", "none"),
  source: fc.integer({ min: 1, max: 9 }),
  prompt: fc.integer({ min: 1, max: 9 }),
  more: fc.integer({ min: 1, max: 6 }),
  batch: fc.integer({ min: 1, max: 2 }),
  padding: fc.constantFrom("none", "behind", "anywhere"),
  seed: fc.nat(1000),
  cross: fc.constantFrom({}, { cross: "attention" as const }),
  units: fc.constantFrom({}, {
    feedForward: { recurrent: { layers: 2, units: 3, place: "beside" } },
  } as const),
});

/** 1 for the real tokens of sources, one at least. */
function validOf(padding: string, batch: number, length: number, seed: number): Value | null {
  if (padding === "none") return null;
  const drawn = integers(seed + 5, batch * length, 2);
  return array(
    Array.from({ length: batch }, (_, b) =>
      Array.from({ length }, (__, i) => {
        const count = 1 + ((seed + b) % length);
        if (padding === "behind") return Number(i < count);
        return i === count - 1 ? 1 : drawn[b * length + i];
      }),
    ),
    "i32",
  );
}

test("is its definition bit for bit, and the whole model where no later token matters", () => {
  fc.assert(
    fc.property(
      run,
      ({ layers, reversible, source, prompt, more, batch, padding, seed, cross, units }) => {
        const config = encoderDecoder.config({
          vocabulary,
          width: 8,
          heads: 2,
          headWidth: 5,
          layers,
          reversible,
          positions: { kind: "learned", length: 40 },
          local: { chunk: 4 },
          lsh: { chunk: 4, rounds: 2 },
          encoder: { layers: ["full"] },
          ...cross,
          ...units,
        });
        const params = scattered(encoderDecoder.init(config, key(seed)));
        const sourceValid = validOf(padding, batch, source, seed);
        const sources = rowsOf(integers(seed + 1, batch * source, vocabulary), batch);
        const encoded = encoderDecoder.encode(config, params, sources, key(1), { sourceValid });
        const length = prompt + more;
        const ids = integers(seed, batch * length, vocabulary);
        const inputs = rowsOf(ids, batch);
        const first = rowsOf(
          Array.from({ length: batch }, (_, b) =>
            Array.from(ids.slice(b * length, b * length + prompt)),
          ).flat(),
          batch,
        );
        const options = { capacity: length + 2, encoded };
        let cached = decoding.begin(config, params, first, key(1), options);
        let defined = decoding.beginReference(config, params, first, key(1), options);
        const pair = { source: sources, inputs };
        const whole = words(encoderDecoder.logits(config, params, pair, key(1), { sourceValid }));
        const compare = (at: number): void => {
          // Tokens that are left out make no difference, but for the order of sums.
          const exact = padding !== "anywhere";
          const [own, other] = [words(cached.logits), words(defined.logits)];
          if (exact) expect(own).toEqual(other);
          own.forEach((x, i) => {
            expect(Math.abs(x - other[i])).toBeLessThan(1e-4);
          });
          if (layers.includes("lsh")) return;
          for (let b = 0; b < batch; b++) {
            const start = (b * length + at) * vocabulary;
            const row = whole.slice(start, start + vocabulary);
            const found = own.slice(b * vocabulary, (b + 1) * vocabulary);
            if (exact) expect(found).toEqual(row);
            else
              found.forEach((x, i) => {
                expect(Math.abs(x - row[i])).toBeLessThan(1e-4);
              });
          }
        };
        compare(prompt - 1);
        for (let t = prompt; t < length; t++) {
          const token = array(
            Array.from({ length: batch }, (_, b) => ids[b * length + t]),
            "i32",
          );
          cached = decoding.next(config, params, cached.cache, token);
          defined = decoding.nextReference(config, params, defined.cache, token);
          compare(t);
        }
      },
    ),
    { numRuns: 12 },
  );
});

test("sequences are reordered with their sources, and joined", () => {
  const config = encoderDecoder.config({
    vocabulary,
    width: 8,
    positions: { kind: "learned", length: 8 },
  });
  const params = encoderDecoder.init(config, key(3));
  const begin = (source: readonly number[][]) => {
    const valid = array(
      source.map((row) => row.map((id) => Number(id > 0))),
      "i32",
    );
    const sources = array(source, "i32");
    const encoded = encoderDecoder.encode(config, params, sources, key(1), { sourceValid: valid });
    const prompts = array(
      source.map(() => [1]),
      "i32",
    );
    return decoding.begin(config, params, prompts, key(1), { capacity: 8, encoded }).cache;
  };
  const next = jit(
    (cache: DecodeCache, token: Value) => decoding.next(config, params, cache, token).logits,
  );
  const [one, two] = [
    [1, 2, 3, 0],
    [4, 5, 0, 0],
  ];
  const both = next(begin([one, two]), array([2, 3], "i32"));
  const turned = next(
    decoding.reorder(begin([one, two]), array([1, 0], "i32")),
    array([3, 2], "i32"),
  );
  const joined = next(decoding.join([begin([one]), begin([two])]), array([2, 3], "i32"));
  const rows = words(both);
  expect(words(joined)).toEqual(rows);
  expect([...words(turned)]).toEqual([...rows.slice(vocabulary), ...rows.slice(0, vocabulary)]);
});

test("sources are for encoder-decoders alone, which need them", () => {
  const config = encoderDecoder.config({
    vocabulary,
    width: 8,
    positions: { kind: "learned", length: 8 },
  });
  const params = encoderDecoder.init(config, key(3));
  const prompt = array([[1]], "i32");
  const begin = () => decoding.begin(config, params, prompt, key(1), { capacity: 8 });
  expect(begin).toThrow(/source of the texts is missing.*options.encoded/);
  const encoded = encoderDecoder.encode(config, params, prompt, key(1));
  const alone = reformerConfig({ vocabulary, width: 8, positions: { kind: "learned", length: 8 } });
  const own = initParams(alone, key(3));
  expect(() => decoding.begin(alone, own, prompt, key(1), { capacity: 8, encoded })).toThrow(
    /without an encoder reads no source/,
  );
});
