import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, expectTypeOf, test } from "vitest";
import { parseJson, type Json, type JsonObject } from "../../../src/edge/json.ts";
import { formatProblem, type Validated } from "../../../src/edge/problem.ts";
import { differences, mergeJson } from "../../../src/edge/merge-json.ts";
import type { ModelConfig } from "../../../src/training/config/model-config.ts";
import { resolveConfig } from "../../../src/training/config/resolve.ts";
import { editDistance, nearest } from "../../../src/core/suggest.ts";
import { parseTrainConfig } from "../../../src/training/config/train-config.ts";

const small: JsonObject = {
  model: {
    width: 32,
    heads: 2,
    headWidth: 16,
    feedForwardWidth: 64,
    layers: ["local", "lsh"],
    positions: { kind: "axial", shape: [8, 16], widths: [8, 24] },
  },
  training: {
    batch: 2,
    length: 128,
    schedule: { kind: "cosine", rate: 0.001, warmup: 10, horizon: 100 },
  },
};

const complaints = (validated: Validated<unknown>): string[] =>
  E.isLeft(validated) ? validated.left.map(formatProblem) : [];

const get = <A>(validated: Validated<A>): A => {
  if (E.isLeft(validated)) throw new Error(complaints(validated).join("\n"));
  return validated.right;
};

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>;

describe("reading", () => {
  test("a run predicts the next token: its model sees none to come", () => {
    expect(get(parseTrainConfig(small)).model.mask).toBe("causal");
    const full = mergeJson(small, { model: { mask: "full" } });
    expect(complaints(parseTrainConfig(full))).toEqual([
      expect.stringMatching(
        /^model.mask: lets a model see the token that it is trained to predict: expected "causal", got "full"/,
      ),
    ]);
    const wrong = mergeJson(small, { model: { mask: "ful" } });
    expect(complaints(parseTrainConfig(wrong)).join()).toMatch(/model.mask: .*causal, full/);
  });

  test("defaults are filled in, and the result reads as itself", () => {
    const config = get(parseTrainConfig(small));
    expect(config.model.lsh).toEqual({
      chunk: 64,
      before: 1,
      after: 0,
      rounds: 1,
      evaluationRounds: null,
      buckets: "auto",
      centred: false,
    });
    expect(config.training.optimizer).toEqual({
      kind: "adam",
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
    });
    expect(config.data).toEqual({
      tokens: "bytes",
      train: null,
      validation: null,
      order: "random",
    });
    const again = get(parseJson(JSON.stringify(config), "config"));
    expect(get(parseTrainConfig(again))).toEqual(config);
  });

  test("types are narrow", () => {
    expectTypeOf<ModelConfig["layers"]>().toEqualTypeOf<readonly ("local" | "lsh" | "full")[]>();
    expectTypeOf<ModelConfig["lsh"]["buckets"]>().toEqualTypeOf<
      "auto" | number | readonly number[]
    >();
  });

  test("all problems are reported at once, unknown keys with a suggestion", () => {
    const bad = mergeJson(small, {
      model: { widht: 3, heads: 0, layers: ["lhs"], dropout: 1, lsh: { buckets: "many" } },
      training: { batch: "two", optimizer: { kind: "adma" } },
      extra: {},
    });
    expect(complaints(parseTrainConfig(bad))).toEqual([
      "model.heads: wrong value: expected an integer at least 1 and at most 1073741824, got 0",
      'model.layers[0]: unknown word: expected one of local, lsh, full, got "lhs". Did you mean "lsh"?',
      'model.lsh.buckets: wrong value: expected "auto", an integer at least 2 or a list of such factors, got "many"',
      "model.dropout: wrong value: expected a number at least 0 and below 1, got 1",
      'model.widht: unknown key. Did you mean "width"?',
      'training.batch: wrong value: expected an integer at least 1 and at most 1073741824, got "two"',
      'training.optimizer.kind: unknown word: expected one of sgd, adam, adamw, adafactor, got "adma". Did you mean "adam"?',
      "extra: unknown key. Known: model, training, data.",
    ]);
  });

  test("missing sections name what they need", () => {
    const found = complaints(parseTrainConfig({}));
    expect(found).toContain(
      "model.width: is missing: expected an integer at least 1 and at most 1073741824",
    );
    expect(found).toContain("training.schedule: is missing: expected an object with a kind");
  });

  test.each<[string, JsonObject, RegExp]>([
    ["axial widths", { model: { width: 33 } }, /8 \+ 24 = 32/],
    ["axial axes", { model: { positions: { widths: [32] } } }, /one width for each axis/],
    ["axial shape", { model: { positions: { shape: [8, 8] } } }, /fewer positions.*128, got 64/],
    ["learned", { model: { positions: { kind: "learned", length: 5 } } }, /fewer positions/],
    ["odd buckets", { model: { lsh: { buckets: [4, 7] } } }, /must be even.*got 7/],
    [
      "too many buckets",
      { model: { lsh: { buckets: [65536, 32768] } } },
      /are too many.*2147483648/,
    ],
    ["warm-up", { training: { schedule: { warmup: 101 } } }, /longer than the whole schedule/],
    ["a tied embedding", { model: { tiedEmbedding: true } }, /reads both streams side by side/],
    ["one range", { data: { train: [0, 5] } }, /both ranges/],
  ])("parts that do not fit together: %s", (_, change, message) => {
    expect(complaints(parseTrainConfig(mergeJson(small, change))).join("\n")).toMatch(message);
  });

  test("any JSON is read or refused with a message, never an exception", () => {
    fc.assert(
      fc.property(json, json, (change, value) => {
        for (const config of [
          value,
          mergeJson(small, { model: change }),
          mergeJson(small, change),
        ]) {
          const parsed = parseTrainConfig(config);
          if (E.isLeft(parsed)) expect(complaints(parsed).join("")).not.toBe("");
        }
      }),
    );
  });
});

describe("merging", () => {
  test("laws: identity, absorption, and untouched keys stay", () => {
    const objects = fc.dictionary(fc.constantFrom("a", "b", "c", "kind"), json, {
      noNullPrototype: true,
    }) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(objects, objects, (a, b) => {
        expect(mergeJson(a, {})).toEqual(a);
        expect(mergeJson({}, a)).toEqual(a);
        expect(mergeJson(a, a)).toEqual(a);
        const merged = mergeJson(a, b) as JsonObject;
        expect(mergeJson(merged, b)).toEqual(merged);
        if (b.kind !== undefined && b.kind !== a.kind) expect(merged).toEqual(b);
        else for (const key of Object.keys(a)) if (!(key in b)) expect(merged[key]).toEqual(a[key]);
      }),
    );
  });

  test("flags over file over preset, and another kind replaces the whole object", () => {
    const presets = { small, other: { model: { width: 1 } } };
    const config = get(
      resolveConfig({
        presets,
        defaultPreset: "small",
        file: {
          training: { batch: 7, seed: 3, schedule: { kind: "constant", rate: 0.5, horizon: 9 } },
        },
        flags: { training: { seed: 5 } },
      }),
    );
    expect(config.training.batch).toBe(7);
    expect(config.training.seed).toBe(5);
    expect(config.training.schedule).toEqual({
      kind: "constant",
      rate: 0.5,
      warmup: 0,
      horizon: 9,
    });
    expect(config.model.width).toBe(32);
  });

  test("the command line's preset wins over the file's; an unknown one is named", () => {
    const presets = { small, other: { ...small, training: { batch: 1 } } };
    const file = { preset: "smal" };
    expect(complaints(resolveConfig({ presets, defaultPreset: "small", file }))).toEqual([
      'preset: there is no such preset: got "smal". Did you mean "small"?',
    ]);
    const resolved = resolveConfig({ presets, defaultPreset: "other", file, preset: "small" });
    expect(get(resolved).training.batch).toBe(2);
    const inherited = resolveConfig({ presets, defaultPreset: "small", preset: "toString" });
    expect(complaints(inherited)[0]).toMatch(/no such preset/);
  });

  test("differences name the paths", () => {
    expect(differences({ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3, d: 4 } })).toEqual([
      { where: "a.c", a: 2, b: 3 },
      { where: "a.d", a: undefined, b: 4 },
    ]);
  });
});

describe("suggestions", () => {
  const words = fc.string({ maxLength: 6, unit: fc.constantFrom("a", "b", "c") });

  test("the edit distance is symmetric, zero only for equals, and at most the longer length", () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const distance = editDistance(a, b);
        expect(editDistance(b, a)).toBe(distance);
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });

  test("slips are found, strangers are not", () => {
    expect(nearest("hedas", ["heads", "headWidth"])).toBe("heads");
    expect(nearest("headwidth", ["heads", "headWidth"])).toBe("headWidth");
    expect(nearest("zzz", ["heads", "headWidth"])).toBeUndefined();
  });
});
