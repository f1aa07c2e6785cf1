/** What goes wrong in lucidrains' reformer-pytorch, one test each. */
import { beforeAll, describe, expect, test } from "vitest";
import { grad, init, jit, tree, type Value } from "../../src/index.ts";
import { nextTokenProbabilities } from "../../src/generation/sampling.ts";
import { array, flip, index, slice, zerosLike } from "../../src/numpy/index.ts";
import { key, normal } from "../../src/random/index.ts";
import {
  buildLayers,
  encoderDecoder,
  logits,
  reversible,
  runStack,
  stackContext,
  stored,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { expectSameBits, i32, normalTensor } from "../support/arrays.ts";
import { stackGradient } from "../reformer/block-options.ts";
import {
  config,
  expectSameTrees,
  isFinite,
  isSomething,
  lossOf,
  paramsOf,
  tokensOf,
} from "./models.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

describe("lucidrains", () => {
  test("the backward pass of chunks of heads has the last chunk's buckets (fastai: of heads)", () => {
    const model: ReformerConfig = { ...config, layers: ["lsh"], heads: 3 };
    const params = paramsOf(model);
    const tokens = tokensOf(1, 20, 2);
    const { buckets } = runStack(model, params, tokens, key(1), { mode: "training" });
    const of = (b: number, h: number) => buckets[0] && index(buckets[0], b, h).toArray();
    expect(of(0, 0)).not.toEqual(of(0, 2));
    expect(of(0, 2)).not.toEqual(of(1, 2));
    const ownBuckets = grad(lossOf(model, tokens, key(1)))(params);
    expectSameTrees(ownBuckets, grad(lossOf(model, tokens, key(1), { buckets }))(params));
    expectSameTrees(stackGradient(model, reversible), stackGradient(model, stored));
  });

  test("dropped layers leave all others without gradients", () => {
    const model: ReformerConfig = {
      ...config,
      layers: ["full", "lsh"],
      residual: { layerDropout: 0.6 },
    };
    const params = paramsOf(model);
    const learned = [0, 1, 2, 3, 4, 5].map((seed) => {
      const { layers } = grad(lossOf(model, tokensOf(2, 9), key(seed)))(params);
      return layers.map(isSomething);
    });
    const [first, second] = [0, 1].map((layer) => new Set(learned.map((kept) => kept[layer])));
    expect(second).toEqual(new Set([true, false]));
    expect(first).toEqual(new Set([true, false]));
    expect(learned.every((kept) => kept.includes(true))).toBe(true);
  });

  test("dropout behind attention is always 0", () => {
    const model: ReformerConfig = {
      ...config,
      layers: ["full"],
      dropout: 0.5,
      attentionDropout: 0,
    };
    const [layer] = paramsOf(model).layers;
    const silent = [{ ...layer, g: tree.map(zerosLike, layer.g) }];
    const x = normal(key(1), [1, 8, model.width]);
    const run = (mode: "training" | "evaluation"): Value => {
      const context = stackContext(model, key(2), { mode, length: 8 });
      const layers = buildLayers({ ...model, reversible: "float" }, mode);
      return stored(layers)(silent, { first: x, second: x }, context).streams.first;
    };
    expect(run("training").toArray()).not.toEqual(run("evaluation").toArray());
  });

  test.each(["lsh", "full"] as const)(
    "turning queries do not turn where all is seen: %s",
    (kind) => {
      const attention = { rotaryBase: 100, rotaryLayers: ["lsh", "full"] } as const;
      const lsh = { ...config.lsh, wholeUpTo: 64 };
      const positions = { kind: "none" } as const;
      const model: ReformerConfig = {
        ...config,
        mask: "full",
        layers: [kind, kind],
        positions,
        lsh,
        attention,
      };
      const tokens = tokensOf(3, 12);
      const streamOf = (m: ReformerConfig, x: Value): unknown =>
        index(runStack(m, paramsOf(m), x, key(1)).streams.first, 0, 4).toArray();
      // Without positions, and with all in sight, the order of the others would not matter.
      const swapped = i32(
        [1, 12],
        [...tokens.words()].map((_, i, all) => all[i === 0 ? 7 : i === 7 ? 0 : i]),
      );
      expect(streamOf(model, swapped)).not.toEqual(streamOf(model, tokens));
    },
  );

  test("top-p of 0.9 keeps a tenth of the probability instead of nine", () => {
    const logProbabilities = [0.5, 0.3, 0.15, 0.05].map(Math.log);
    const kept = nextTokenProbabilities(logProbabilities, { temperature: 1, topP: 0.9 });
    expect([...kept].filter((p) => p > 0)).toHaveLength(3);
  });

  test("the encoder's gradient is computed once for every layer of the decoder", () => {
    const flops = (encoder: number, decoder: number): number => {
      const kinds = (count: number) => Array<"full">(count).fill("full");
      const model = encoderDecoder.config({
        vocabulary: 11,
        width: 8,
        layers: kinds(decoder),
        encoder: { layers: kinds(encoder) },
      });
      const params = encoderDecoder.init(model, key(0));
      const pair = { source: tokensOf(4, 12), inputs: tokensOf(5, 6), targets: tokensOf(6, 6) };
      const lossOfPair = (p: typeof params): Value =>
        encoderDecoder.loss(model, p, pair, key(1)).loss;
      return jit(grad(lossOfPair)).lower(params).report.flops;
    };
    const ofEncoderLayer = flops(2, 1) - flops(1, 1);
    expect(ofEncoderLayer).toBeGreaterThan(0);
    expect(flops(2, 3) - flops(1, 3)).toBeLessThan(1.05 * ofEncoderLayer);
  });

  test("a stack below which nothing is learned gets no gradient (HuggingFace, fastai: nor in evaluation mode)", () => {
    const tokens = tokensOf(7, 14);
    const params = paramsOf(config);
    const inEvaluation = lossOf(config, tokens, key(5), { mode: "evaluation" });
    const ofLayers = grad((layers: typeof params.layers) => inEvaluation({ ...params, layers }))(
      params.layers,
    );
    expectSameTrees(ofLayers, grad(inEvaluation)(params).layers);
    expect(isSomething(ofLayers)).toBe(true);
  });

  test("passes are not re-entrant: a pass within the gradient of another changes it", () => {
    const params = paramsOf(config);
    const [a, b] = [
      lossOf(config, tokensOf(8, 14), key(1)),
      lossOf(config, tokensOf(9, 14), key(2)),
    ];
    const between = grad((p: typeof params) => {
      const value = a(p);
      grad(b)(params);
      return value;
    })(params);
    expectSameTrees(between, grad(a)(params));
  });

  test("memory or an odd length does not fit the buckets", () => {
    for (const memory of [1, 3])
      for (const length of [5, 13]) {
        const model: ReformerConfig = { ...config, attention: { memory } };
        const gradient = grad(lossOf(model, tokensOf(10, length), key(1)))(paramsOf(model));
        expect(isFinite(gradient)).toBe(true);
        expect(isSomething(gradient.layers[1].f.shared.memory)).toBe(true);
      }
  });

  test("the mask of another text is lost where attention is computed in chunks", () => {
    const model: ReformerConfig = { ...config, feedForwardChunk: 4, layers: ["lsh", "full"] };
    const keys = normalTensor(1, [2, 7, model.width]);
    const keysValid = i32([2, 7], [1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0]);
    const other = index(flip(keys, 2), slice());
    const mixed = array(
      (keys.toArray() as number[][][]).map((rows, b) =>
        rows.map((row, i) =>
          keysValid.words()[7 * b + i] === 1 ? row : (other.toArray() as number[][][])[b][i],
        ),
      ),
    );
    const tokens = tokensOf(11, 13, 2);
    const [plain, masked] = [keys, mixed].map((rows) =>
      logits(model, paramsOf(model), tokens, key(1), { keys: rows, keysValid }),
    );
    expectSameBits(masked, plain, "logits");
  });

  test("where everything is masked there is NaN", () => {
    const valid = i32([1, 13], Array<number>(13).fill(0));
    const gradient = grad(lossOf(config, tokensOf(12, 13), key(1), { valid }))(paramsOf(config));
    expect(isFinite(gradient)).toBe(true);
  });
});
