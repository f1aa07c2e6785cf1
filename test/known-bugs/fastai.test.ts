/** What goes wrong in fastai's Reformer, and in all that were made with PyTorch, one test each. */
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { grad, init, tree, type Tensor } from "../../src/index.ts";
import { nextTokenProbabilities } from "../../src/generation/sampling.ts";
import { key, normal } from "../../src/random/index.ts";
import {
  attendHead,
  conventions,
  initParams,
  lsh,
  reversible,
  stored,
  type HeadOptions,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { expectClose, expectCloseToLargest, normalTensor } from "../support/arrays.ts";
import { stackGradient } from "../reformer/block-options.ts";
import { config, lossOf, paramsOf, tokensOf } from "./models.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("fastai", () => {
  test("generation does not listen to its filters, and fails without temperature", () => {
    const logits = [1, 3, 2, 2.5];
    const kept = (options: Parameters<typeof nextTokenProbabilities>[1]): number[] =>
      [...nextTokenProbabilities(logits, options)].flatMap((p, i) => (p > 0 ? [i] : []));
    expect(kept({ temperature: 1, topK: 2 })).toEqual([1, 3]);
    expect(kept({ temperature: 1, topP: 0.4 })).toEqual([1]);
    expect(kept({ temperature: 0 })).toEqual([1]);
  });

  test("full attention has longer keys than hashed attention, and is another function", () => {
    const [length, width] = [12, 4];
    const q = normalTensor(1, [2, length, width]);
    const v = normalTensor(2, [2, length, width]);
    const options: HeadOptions = {
      kind: "lsh",
      causal: true,
      chunkLength: length,
      before: 0,
      after: 0,
      buckets: [4],
      wholeUpTo: 0,
      keepProbability: null,
      conventions: conventions.trax,
    };
    const rotations = lsh.rotations(key(1), { groups: 1, width, rounds: 1, sizes: [4] });
    const plain = { valid: null, rotations: null, dropoutKey: null };
    const hashed = attendHead({ q, k: null, v }, options, { ...plain, rotations }, null).out;
    const full = attendHead({ q, k: null, v }, { ...options, kind: "full" }, plain, null).out;
    const close = { absolute: 1e-6, relative: 1e-5 };
    expectClose(hashed.dataSync(), full.dataSync(), close, "one chunk for all");
  });

  test("hashing sets, or takes from, the generator that all share", () => {
    const random = vi.spyOn(Math, "random");
    const before = normal(key(7), [5]).toArray();
    const params = paramsOf(config);
    const of = (): unknown => grad(lossOf(config, tokensOf(1, 14), key(1)))(params).embedding;
    const first = of();
    expect(tree.leaves<Tensor>(of())[0].toArray()).toEqual(tree.leaves<Tensor>(first)[0].toArray());
    expect(normal(key(7), [5]).toArray()).toEqual(before);
    expect(initParams(config, key(0)).embedding.table.toArray()).toEqual(
      params.embedding.table.toArray(),
    );
    expect(random).not.toHaveBeenCalled();
  });
});

describe("all PyTorch ports", () => {
  test("what is computed again in float streams falls into other buckets", () => {
    const model: ReformerConfig = {
      ...config,
      layers: ["lsh", "local", "lsh", "lsh"],
      reversible: "float",
      dropout: 0.2,
    };
    const [ours, expected] = [reversible, stored].map((make) =>
      tree.leaves<Tensor>(stackGradient(model, make).gradient),
    );
    ours.forEach((leaf, i) => {
      expectCloseToLargest(leaf.words(), expected[i].words(), 1e-3, `leaf ${i}`);
    });
  });
});
