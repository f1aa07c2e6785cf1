/** Ordinary residual networks, the baselines: they are what is written out by hand, train by the same functions, and are as large. */
import { describe, expect, test } from "vitest";
import { init, jit, tree, valueAndGrad, type Tensor, type Value } from "../../src/index.ts";
import {
  dense,
  layerNorm,
  relu,
  softmaxCrossEntropy,
  type LayerNormParams,
} from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { key, randint } from "../../src/random/index.ts";
import {
  attendHead,
  conventions,
  initParams,
  inspectHashing,
  loss,
  lossAndUpdate,
  reformerConfig,
  residual,
  rows,
  runStack,
  type HeadOptions,
  type QueryKey,
  type ReformerConfig,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import { stackInput } from "../../src/reformer/models/run-stack.ts";
import { parameterCount } from "../../src/reformer/models/memory.ts";
import { presets, trainConfig } from "../../src/training/index.ts";
import { describeBackends } from "../support/backends.ts";

await init("reference");

const [batch, length] = [2, 12];
const tokens = randint(key(1), [batch, length], 0, 11);
const targets = randint(key(2), [batch, length], 0, 11);

const configOf = (queryKey: QueryKey, layers: ReformerConfig["layers"] = ["full", "full"]) =>
  reformerConfig({
    vocabulary: 11,
    width: 8,
    layers,
    full: { queryKey },
    lsh: { chunk: 4, rounds: 2 },
    local: { chunk: 4 },
    reversible: "none",
    feedForwardChunk: 7,
    lossChunk: 5,
  });

/** x = x + attention(norm(x)); x = x + feedForward(norm(x)), head by head as one would write it. */
function byHand(config: ReformerConfig, params: ReformerParams): Value {
  const options: HeadOptions = {
    kind: "full",
    ...config.full,
    causal: true,
    chunkLength: length,
    before: 0,
    after: 0,
    buckets: "auto",
    keepProbability: null,
    conventions: conventions.paper,
  };
  const epsilon = { epsilon: conventions.paper.normEpsilon };
  const none = { valid: null, rotations: null, dropoutKey: null };
  // The bottom is not what is tried here.
  let x = stackInput(config, params, tokens, key(3), {});
  for (const { f, g } of params.layers) {
    const normed = layerNorm(f.shared.norm as LayerNormParams, x, epsilon);
    for (let head = 0; head < config.heads; head++) {
      const of = (kernel: Value): Value => np.matmul(normed, np.index(kernel, head));
      const { query, key: keys, value = query, output } = f.parts;
      const vectors = { q: of(query), k: keys ? of(keys) : null, v: of(value) };
      const { out } = attendHead(vectors, options, none, null);
      x = np.add(x, np.matmul(out, np.index(output, head)));
    }
    x = np.add(
      x,
      dense(g.outer, relu(dense(g.inner, layerNorm(g.norm as LayerNormParams, x, epsilon)))),
    );
  }
  const top = layerNorm(params.head.norm, np.concatenate([x, x], -1), epsilon);
  if (!params.head.kernel) throw new Error("the output is not tied here");
  const logits = np.add(np.matmul(top, params.head.kernel), params.head.bias);
  return np.mean(softmaxCrossEntropy(np.reshape(logits, [-1, 11]), np.reshape(targets, [-1])));
}

describeBackends("an ordinary residual Transformer", () => {
  for (const queryKey of ["separate", "shared"] as const) {
    test(`with ${queryKey} keys has the loss and the gradient of the network by hand`, () => {
      const config = configOf(queryKey);
      const params = initParams(config, key(0));
      expect(params.layers.every(({ f }) => "key" in f.parts === (queryKey === "separate"))).toBe(
        true,
      );
      const ours = jit(
        valueAndGrad((p: ReformerParams): Value => loss(config, p, tokens, targets, key(3)).loss),
      )(params);
      const theirs = valueAndGrad((p: ReformerParams): Value => byHand(config, p))(params);
      const expected = tree.leaves<Tensor>(theirs);
      tree.leaves<Tensor>(ours).forEach((leaf, i) => {
        const difference = np.max(np.abs(np.subtract(leaf, expected[i]))).item();
        expect(difference).toBeLessThan(1e-5 * (1 + np.max(np.abs(expected[i])).item()));
      });
    });
  }
});

describe("baselines", () => {
  test("are as large as the Reformer that they stand beside", () => {
    const count = (preset: keyof typeof presets): number =>
      parameterCount(trainConfig({ preset }).model);
    const reformer = count("bytes-small");
    expect(count("reversible")).toBe(reformer);
    expect(count("lsh-stored")).toBe(reformer);
    expect(count("transformer")).toBe(reformer - 64);
  });

  test("have the parameters that the formula counts", () => {
    for (const queryKey of ["separate", "shared"] as const) {
      const config = configOf(queryKey);
      const leaves = tree.leaves<Tensor>(initParams(config, key(0)));
      expect(leaves.reduce((sum, { size }) => sum + size, 0)).toBe(parameterCount(config));
    }
  });

  test("hash as the Reformer does, and tell their buckets", () => {
    const config = configOf("shared", ["local", "lsh"]);
    const params = initParams(config, key(0));
    const { buckets, health, streams } = runStack(config, params, tokens, key(3));
    expect(buckets[1]?.shape).toEqual([batch, config.heads, 2, length]);
    expect(inspectHashing(config, params, tokens, key(3))[1]?.buckets.toArray()).toEqual(
      buckets[1]?.toArray(),
    );
    expect([streams.first.dtype, health.badLayer.item()]).toEqual(["f32", -1]);
  });

  test("name the layer in which a number is not finite", () => {
    const bad = rows("bad", 4, (_: null, x) => np.divide(x, 0));
    const good = rows("good", 4, (_: null, x) => x);
    const layers = [[{ name: "f", block: good }], [{ name: "f", block: bad }]];
    const x = np.ones([1, 3, 2]);
    const { health } = residual(layers)([{ f: null }, { f: null }], { first: x, second: x });
    expect(health.badLayer.item()).toBe(1);
  });

  test("have no reverse sweep to be updated in", () => {
    expect(() => lossAndUpdate(configOf("shared"), sgd(1))).toThrow(
      /^lossAndUpdate: an ordinary residual network has no reverse sweep.*valueAndGrad/,
    );
    expect(() =>
      trainConfig({ preset: "lsh-stored", training: { update: "inSweep", clip: null } }),
    ).toThrow(/training.update.*needs a reverse sweep/);
  });

  test("are asked for by name, and not by another one", () => {
    expect(reformerConfig()).not.toHaveProperty("full");
    expect(reformerConfig({ full: {} }).full).toEqual({ queryKey: "shared" });
    const wrong = { full: { queryKey: "seperate" as "separate" } };
    expect(() => reformerConfig(wrong)).toThrow(/full.queryKey.*separate/);
  });
});
