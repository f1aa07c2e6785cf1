/** Bugs that published Reformers have or had, one test each, named by the system and what goes wrong there. */
import { describe, expect, test } from "vitest";
import { grad, tree, vjp, type Tensor, type Value } from "../../src/index.ts";
import { init } from "../../src/init.ts";
import { key } from "../../src/random/index.ts";
import { array } from "../../src/numpy/index.ts";
import { initParams, logits, loss, lsh, type ReformerParams } from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { expectSameBits, i32 } from "../support/arrays.ts";
import { integers } from "../support/random-data.ts";
import { tinyModel } from "./tiny-model.ts";

// The parameters below are computed.
await init();

const config: ReformerConfig = {
  ...tinyModel,
  lsh: { ...tinyModel.lsh, buckets: "auto" },
  dropout: 0.1,
  attentionDropout: 0.1,
};
const params = initParams(config, key(0));
const tokensOf = (seed: number, length: number): Tensor =>
  i32([1, length], integers(seed, length, 11));

const lossOf =
  (tokens: Value, k: Value, mode: "training" | "evaluation" = "training") =>
  (p: ReformerParams): Value =>
    loss(config, p, tokens, tokens, k, { mode }).loss;

const expectSameTrees = (got: unknown, expected: unknown): void => {
  const others = tree.leaves<Tensor>(expected);
  tree.leaves<Tensor>(got).forEach((leaf, i) => {
    expectSameBits(leaf, others[i], tree.paths(expected)[i]);
  });
};

describe("bugs of published Reformers", () => {
  test("trax: sort keys of bucket times length overflow 32 bits", () => {
    const length = 4096;
    const numBuckets = 2 ** 20;
    const buckets = Array.from({ length }, (_, i) => numBuckets - 1 - i * 200);
    const { order } = lsh.sort(i32([1, 1, length], buckets), numBuckets);
    expect(Array.from(order.dataSync())).toEqual(buckets.map((_, i) => length - 1 - i));
  });

  test("trax: hashing in evaluation depends on how often it was asked", () => {
    const tokens = tokensOf(1, 16);
    const once = logits(config, params, tokens, key(1));
    expectSameBits(logits(config, params, tokens, key(1)), once, "again");
  });

  test("HuggingFace, trax: the bucket count is frozen by the first length", () => {
    const short = tokensOf(2, 12);
    const before = logits(config, params, short, key(2));
    logits(config, params, tokensOf(3, 28), key(2));
    expectSameBits(logits(config, params, short, key(2)), before, "after a longer one");
  });

  test("HuggingFace, lucidrains: two passes before a gradient replay each other's dropout and buckets", () => {
    const [a, b] = [lossOf(tokensOf(4, 14), key(3)), lossOf(tokensOf(5, 14), key(4))];
    const [, pullA] = vjp(a, params);
    const [, pullB] = vjp(b, params);
    const [dA] = pullA(array(1));
    const [dB] = pullB(array(1));
    expectSameTrees(dA, grad(a)(params));
    expectSameTrees(dB, grad(b)(params));
  });

  test("all PyTorch ports: no gradient in evaluation mode, or below frozen embeddings", () => {
    const tokens = tokensOf(6, 14);
    const ofLayers = grad((layers: ReformerParams["layers"]) =>
      lossOf(tokens, key(5), "evaluation")({ ...params, layers }),
    )(params.layers);
    const whole = grad(lossOf(tokens, key(5), "evaluation"))(params);
    expectSameTrees(ofLayers, whole.layers);
    expect(tree.leaves<Tensor>(ofLayers).some((leaf) => leaf.words().some((x) => x !== 0))).toBe(
      true,
    );
  });

  test("HuggingFace: lengths that no chunk divides cannot be trained on", () => {
    const gradient = grad(lossOf(tokensOf(7, 13), key(6)))(params);
    const leaves = tree.leaves<Tensor>(gradient);
    expect(leaves.every((leaf) => leaf.words().every(Number.isFinite))).toBe(true);
  });
});
