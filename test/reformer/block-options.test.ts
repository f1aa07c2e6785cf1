/** Options of feed-forward blocks, norms, residuals and positions: whatever their combination, the promises of a Reformer hold. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad, init, jit, tree, valueAndGrad, vmap, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, randint, split } from "../../src/random/index.ts";
import {
  encoderDecoder,
  initParams,
  loss,
  reformerConfig,
  reversible,
  runStack,
  stored,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { keptLayers } from "../../src/reformer/models/kept-layers.ts";
import { parameterCount } from "../../src/reformer/models/memory.ts";
import { expectCloseToLargest, expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { configs, elements, scattered, stackGradient } from "./block-options.ts";
import { tinyModel } from "./tiny-model.ts";
import { differences } from "./stack-gradients.ts";

await init("reference");

const tokens = randint(key(8), [2, 11], 0, 11);
const targets = randint(key(9), [2, 11], 0, 11);

const meanLoss = (config: ReformerConfig, params: ReformerParams, seed: Value): Value =>
  loss(config, params, tokens, targets, seed, { mode: "training" }).loss;

describe("a configuration of any blocks", () => {
  it("is one, has as many parameters as it says, and comes back from its JSON", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const read = reformerConfig(config);
        expect(read).toMatchObject(config);
        expect(reformerConfig(JSON.parse(JSON.stringify(read)) as ReformerConfig)).toEqual(read);
        expect(elements(initParams(config, key(0)))).toBe(parameterCount(config));
      }),
      { numRuns: 60 },
    );
  });

  it("adds nothing to a configuration that does not ask for it", () => {
    const keys = Object.keys(reformerConfig());
    for (const name of ["feedForward", "residual"]) expect(keys).not.toContain(name);
  });
});

describeBackends("a model of any blocks", (backend) => {
  it("has in exact mode the gradient of the stored network, bit for bit", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const ours = stackGradient(config, reversible);
        const theirs = stackGradient(config, stored);
        expect(differences(ours, theirs)).toEqual([]);
      }),
      { numRuns: backend === "reference" ? 4 : 10 },
    );
  });

  it("gives the same bits in chunks of any size, and under vmap", () => {
    fc.assert(
      fc.property(configs, fc.integer({ min: 1, max: 22 }), (config, feedForwardChunk) => {
        const plain = {
          ...config,
          dropout: 0,
          attentionDropout: 0,
          feedForward: undrop(config),
        };
        const params = scattered(initParams(plain, key(1)));
        const first = (one: ReformerConfig, seed: Value): Value =>
          runStack(one, params, tokens, seed, { mode: "training" }).streams.first;
        const chunked = { ...plain, feedForwardChunk };
        expectSameBits(first(chunked, key(3)), first(plain, key(3)), "in chunks");
        const seeds = split(key(4), 2);
        const lossOf = (seed: Value): Value => meanLoss(config, params, seed);
        const batched = jit(vmap(lossOf))(np.stack(seeds));
        const rows = seeds.map((seed) => jit(lossOf)(seed).item());
        expect([...batched.dataSync()]).toEqual(rows);
      }),
      { numRuns: backend === "reference" ? 2 : 6 },
    );
  });

  it("has in float mode nearly the same loss and gradient", () => {
    fc.assert(
      fc.property(configs, (config) => {
        const of = (one: ReformerConfig) =>
          jit(valueAndGrad((p: ReformerParams): Value => meanLoss(one, p, key(3))))(params);
        const layers = config.layers.map((kind) => (kind === "lsh" ? "local" : kind));
        // Hashing and memories are left out: a bucket, or which rows are the best, may flip by a rounding.
        const { productKeys: _, ...feedForward } = config.feedForward ?? {};
        const exact = { ...config, feedForward, layers, fractionBits: 24 };
        const params = scattered(initParams(exact, key(1)));
        const { health } = runStack(exact, params, tokens, key(3), { mode: "training" });
        fc.pre(health.badLayer.item() === -1);
        const [ours, theirs] = [of(exact), of({ ...exact, reversible: "float" })];
        const expected = tree.leaves<Value>(theirs);
        tree.leaves<Value>(ours).forEach((leaf, i) => {
          expectCloseToLargest(leaf.dataSync(), expected[i].dataSync(), 2e-3, `leaf ${i}`);
        });
      }),
      { numRuns: backend === "reference" ? 2 : 5 },
    );
  });
});

describe("layers of a training step", () => {
  const layers = ["local", "full", "local"] as const;
  const config = { ...tinyModel, layers, residual: { layerDropout: 0.5 } };
  const params = initParams(config, key(1));
  const streamsOf = (one: ReformerConfig, p: ReformerParams, seed: Value): Value =>
    jit(() => runStack(one, p, tokens, seed, { mode: "training" }).streams.first)();

  it("that are dropped add nothing, others all that they add", () => {
    const counts = new Set<number>();
    for (let seed = 0; seed < 6; seed++) {
      const kept = keptLayers(config, key(seed), "training")?.map((one) => one.item() === 1) ?? [];
      const remain = <T>(items: readonly T[]): readonly T[] => items.filter((_, i) => kept[i]);
      const without = { ...tinyModel, layers: remain(layers) };
      expectSameBits(
        streamsOf(config, params, key(seed)),
        streamsOf(without, { ...params, layers: remain(params.layers) }, key(seed)),
        `seed ${seed}`,
      );
      counts.add(without.layers.length);
    }
    expect(counts.size).toBeGreaterThan(1);
  });

  it("are never all dropped, nor any outside of training, at about the rate that is asked for", () => {
    const often = { layers: Array.from({ length: 8 }, () => "full" as const) };
    const count = (layerDropout: number): number => {
      const all = Array.from({ length: 40 }, (_, seed) =>
        keptLayers({ ...often, residual: { layerDropout } }, key(seed), "training"),
      );
      const kept = all.map((one) => one?.reduce((sum, layer) => sum + layer.item(), 0) ?? 0);
      expect(Math.min(...kept)).toBeGreaterThan(0);
      return kept.reduce((sum, one) => sum + one, 0) / (8 * 40);
    };
    expect(Math.abs(count(0.25) - 0.75)).toBeLessThan(0.08);
    expect(count(0.99)).toBeLessThan(0.2);
    expect(keptLayers(config, key(0), "evaluation")).toBe(null);
  });

  it("with gains begin as the identity, however many, and learn by their gains alone at first", () => {
    const rezero = { ...tinyModel, residual: { norm: "none", gain: true } } as const;
    const start = initParams(rezero, key(1));
    const one = { ...start, layers: start.layers.slice(0, 1) };
    const gradient = jit(grad((p: ReformerParams): Value => meanLoss(rezero, p, key(3))))(start);
    expectSameBits(
      streamsOf(rezero, start, key(3)),
      streamsOf({ ...rezero, layers: ["local"] }, one, key(3)),
      "streams",
    );
    for (const { f, g } of gradient.layers) {
      expect([f.shared.gain?.item(), g.gain?.item()]).not.toContain(0);
      expect(
        tree.leaves<Value>([f.parts, g.inner]).every((x) => np.max(np.abs(x)).item() === 0),
      ).toBe(true);
    }
  });

  it("are refused what does not exist", () => {
    const norm = "batch" as "layer";
    expect(() => reformerConfig({ residual: { norm } })).toThrow(
      /residual.norm.*layer, uncentred, rms, scale, none/,
    );
    expect(() => reformerConfig({ residual: { layerDropout: 1 } })).toThrow(
      /residual.layerDropout.*below 1/,
    );
    expect(() => encoderDecoder.config({ residual: {} })).toThrow(
      /residual: is not for encoder-decoders/,
    );
  });
});

const undrop = ({ feedForward }: ReformerConfig): ReformerConfig["feedForward"] =>
  feedForward && { ...feedForward, innerDropout: 0 };
