import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { InputError } from "../../src/edge/problem.ts";
import { init } from "../../src/init.ts";
import { key } from "../../src/random/index.ts";
import {
  initParams,
  logits,
  reformerConfig,
  type ReformerConfig,
} from "../../src/reformer/index.ts";
import { zeros } from "../../src/numpy/index.ts";

const messageOf = (make: () => unknown): string => {
  try {
    make();
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("reformerConfig", () => {
  test("is complete without a word, and reads as itself", () => {
    const config = reformerConfig();
    expect(config).toMatchInlineSnapshot(`
      {
        "activation": "relu",
        "attentionDropout": 0,
        "conventions": "paper",
        "dropout": 0,
        "feedForwardChunk": 512,
        "feedForwardWidth": 256,
        "fractionBits": 20,
        "headWidth": 64,
        "heads": 2,
        "layers": [
          "local",
          "lsh",
        ],
        "local": {
          "after": 0,
          "before": 1,
          "chunk": 64,
        },
        "lossChunk": 512,
        "lsh": {
          "after": 0,
          "before": 1,
          "buckets": "auto",
          "centred": false,
          "chunk": 64,
          "evaluationRounds": null,
          "rounds": 1,
        },
        "mask": "causal",
        "normEpsilon": null,
        "positions": {
          "kind": "axial",
          "shape": [
            16,
            64,
          ],
          "widths": [
            64,
            64,
          ],
        },
        "reversible": "exact",
        "tiedEmbedding": false,
        "vocabulary": 256,
        "width": 128,
      }
    `);
    expect(reformerConfig(config)).toEqual(config);
  });

  test("sizes follow width and heads, and a change of kind replaces all positions", () => {
    const config = reformerConfig({ width: 50, heads: 5, positions: { shape: [4, 8] } });
    expect(config).toMatchObject({ headWidth: 10, feedForwardWidth: 100 });
    expect(config.positions).toEqual({ kind: "axial", shape: [4, 8], widths: [25, 25] });
    const learned = reformerConfig({ positions: { kind: "learned", length: 9 } });
    expect(learned.positions).toEqual({ kind: "learned", length: 9 });
    expect(reformerConfig({ width: undefined, dropout: undefined })).toEqual(reformerConfig());
  });

  test("says everything that is wrong at once", () => {
    const wrong = () =>
      reformerConfig({
        // @ts-expect-error a slip of the pen is an error of the compiler too
        widht: 64,
        activation: "tahn" as "relu",
        dropout: NaN,
        normEpsilon: Infinity,
        lsh: { rounds: 0 },
      });
    expect(messageOf(wrong)).toMatchInlineSnapshot(`
      "reformerConfig: 5 problems:
        - activation: unknown word: expected one of relu, relu6, reluSquared, leakyRelu, elu, softplus, gelu, geluTanh, geluClipped, geluQuick, silu, mish, sigmoid, tanh, laplace, identity, got "tahn". Did you mean "tanh"?
        - lsh.rounds: wrong value: expected an integer at least 1 and at most 64, got 0
        - dropout: wrong value: expected a number at least 0 and below 1, got NaN
        - normEpsilon: wrong value: expected a number above 0 and at most 1, got Infinity
        - widht: unknown key. Did you mean "width"?"
    `);
  });

  test("says which parts do not fit together", () => {
    const wrong = () =>
      reformerConfig({
        width: 32,
        positions: { widths: [8, 8, 8] },
        lsh: { buckets: [4, 7] },
        tiedEmbedding: true,
      });
    expect(messageOf(wrong)).toMatchInlineSnapshot(`
      "reformerConfig: 4 problems:
        - positions.widths: there must be one width for each axis: expected 2 widths, got 3
        - positions.widths: do not add up to the model's width: expected 32, got 8 + 8 + 8 = 24
        - lsh.buckets: must be even: expected even factors, as half of the buckets are the other half's opposites, got 7
        - tiedEmbedding: cannot be with the conventions "paper", whose output layer reads both streams side by side: expected conventions that merge the streams by their mean, such as lucidrains"
    `);
  });

  test("what a token sees is those before it, or all", () => {
    expect(reformerConfig().mask).toBe("causal");
    expect(reformerConfig({ mask: "full" }).mask).toBe("full");
    expect(messageOf(() => reformerConfig({ mask: "none" as "full" }))).toMatch(
      /mask: unknown word: expected one of causal, full, got "none"/,
    );
  });

  test("unknown keys and wrong types do not compile", () => {
    const refused = [
      // @ts-expect-error a key deep inside
      () => reformerConfig({ lsh: { round: 2 } }),
      // @ts-expect-error a word that is not one of the conventions
      () => reformerConfig({ conventions: "google" }),
      // @ts-expect-error a list of a wrong kind
      () => reformerConfig({ layers: ["lsh", "dense"] }),
      // @ts-expect-error not an object
      () => reformerConfig(null),
    ];
    for (const make of refused) expect(messageOf(make)).not.toBe("");
  });

  test("a configuration that it gives makes a model", () => {
    const configurations = fc.record(
      {
        width: fc.integer({ min: 2, max: 9 }),
        heads: fc.integer({ min: 1, max: 2 }),
        layers: fc.array(fc.constantFrom("local", "lsh", "full"), { minLength: 1, maxLength: 2 }),
        vocabulary: fc.integer({ min: 2, max: 5 }),
        conventions: fc.constantFrom("paper", "trax", "huggingface", "lucidrains"),
        reversible: fc.constantFrom("exact", "float"),
      },
      { requiredKeys: ["width", "heads", "layers"] },
    );
    fc.assert(
      fc.property(configurations, (partial: Partial<ReformerConfig>) => {
        const config = reformerConfig({ ...partial, local: { chunk: 4 }, lsh: { chunk: 4 } });
        const params = initParams(config, key(0));
        const out = logits(config, params, zeros([1, 8], "i32"), key(1));
        expect(out.shape).toEqual([1, 8, config.vocabulary]);
      }),
      { numRuns: 15 },
    );
  });
});

beforeAll(async () => {
  await init();
});
