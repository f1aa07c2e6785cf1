import * as fc from "fast-check";
import { expect, it } from "vitest";
import { grad, jit, tree, vmap, type Tensor, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, split } from "../../src/random/index.ts";
import {
  initParams,
  logits,
  loss,
  tokenLosses,
  type AttentionKind,
  type PassOptions,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import {
  expectClose,
  expectSameBits,
  f32,
  i32,
  innerProduct,
  normalTensor,
} from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { integers } from "../support/random-data.ts";
import { tinyModel as base } from "./tiny-model.ts";

const tokensOf = (seed: number, batch: number, length: number): Tensor =>
  i32([batch, length], integers(seed, batch * length, base.vocabulary));

/** Logits under jit, one compilation for each configuration and shape. */
const run = (
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Tensor,
  options: PassOptions = {},
): Value =>
  jit((p: ReformerParams, t: Value, k: Value) => logits(config, p, t, k, options))(
    params,
    tokens,
    key(1),
  );

describeBackends("a language model", (backend) => {
  const params = (config: ReformerConfig): ReformerParams => initParams(config, key(7));
  const numRuns = backend === "reference" ? 6 : 12;

  it("takes sequences of any length that its positions hold", () => {
    for (const length of [1, 2, 3, 4, 5, 9, 16, 30]) {
      const out = run(base, params(base), tokensOf(length, 2, length));
      expect(out.shape).toEqual([2, length, base.vocabulary]);
      expect(out.dataSync().every(Number.isFinite)).toBe(true);
    }
    expect(() => run(base, params(base), tokensOf(1, 1, 31))).toThrowErrorMatchingInlineSnapshot(
      `[ReformaxError: logits: the sequence does not fit the positions: expected 1 to 30 tokens, got 31]`,
    );
  });

  it("does not look ahead, bit for bit where no token is sorted", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<AttentionKind>("local", "full"), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 2, max: 22 }),
        fc.nat(),
        (layers, length, at) => {
          const config = { ...base, layers };
          const changed = at % length;
          const [one, other] = [tokensOf(3, 1, length), tokensOf(4, 1, length)];
          const mixed = one.words().map((token, i) => (i < changed ? token : other.words()[i]));
          const before = (x: Value): Value => np.index(x, 0, np.slice(0, changed));
          const weights = params(config);
          const [a, b] = [one, i32([1, length], mixed)].map((tokens) =>
            run(config, weights, tokens),
          );
          expectSameBits(before(a), before(b), "earlier logits");
        },
      ),
      { numRuns },
    );
  });

  it("does not look ahead through hashing, where windows hold everything", () => {
    const config: ReformerConfig = {
      ...base,
      layers: ["lsh", "lsh"],
      lsh: { ...base.lsh, before: 5, after: 5 },
    };
    const weights = params(config);
    const [one, other] = [tokensOf(3, 1, 20), tokensOf(4, 1, 20)];
    for (const changed of [1, 7, 19]) {
      const mixed = one.words().map((token, i) => (i < changed ? token : other.words()[i]));
      const [a, b] = [one, i32([1, 20], mixed)].map((tokens) => run(config, weights, tokens));
      const before = (x: Value): Value => np.index(x, 0, np.slice(0, changed));
      expectClose(
        before(a).dataSync(),
        before(b).dataSync(),
        { absolute: 1e-5, relative: 1e-5 },
        "earlier logits",
      );
    }
  });

  it("never lets padded tokens change a logit of real ones, positions 0 and 1 included", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("paper", "huggingface", "lucidrains"),
        fc.integer({ min: 4, max: 22 }),
        fc.constantFrom("first two", "last", "any"),
        fc.integer({ min: 1, max: 1000 }),
        (preset, length, where, seed) => {
          const config = { ...base, conventions: preset };
          const valid = Array.from(integers(seed, length, 3), (x, i) => {
            if (where === "first two") return Number(i > 1);
            if (where === "last") return Number(i < length - 2);
            return Math.min(x, 1);
          });
          const [one, other] = [tokensOf(seed, 1, length), tokensOf(seed + 1, 1, length)];
          const mixed = one.words().map((token, i) => (valid[i] ? token : other.words()[i]));
          const weights = params(config);
          const options = { valid: i32([1, length], valid) };
          const real = np.array(valid.map(Boolean));
          const [a, b] = [one, i32([1, length], mixed)].map((tokens) =>
            np.where(np.reshape(real, [1, length, 1]), run(config, weights, tokens, options), 0),
          );
          expectSameBits(a, b, "logits of real tokens");
        },
      ),
      { numRuns },
    );
  });

  it("does not depend on the sizes of chunks of rows", () => {
    const tokens = tokensOf(5, 2, 13);
    const targets = i32(
      [2, 13],
      integers(6, 26, base.vocabulary).map((t, i) => (i % 5 === 0 ? -1 : t)),
    );
    const lossesOf = (config: ReformerConfig): Value =>
      jit((p: ReformerParams) => tokenLosses(config, p, tokens, targets, key(1)).losses)(
        params(base),
      );
    const expected = lossesOf(base);
    expect(expected.dataSync()[0]).toBe(0);
    for (const [feedForwardChunk, lossChunk] of [
      [1, 1],
      [4, 26],
      [7, 3],
      [25, 100],
    ]) {
      expectSameBits(
        lossesOf({ ...base, feedForwardChunk, lossChunk }),
        expected,
        `${feedForwardChunk}, ${lossChunk}`,
      );
    }
  });

  it("is a function of its key: passes repeat, and map over keys", () => {
    const config: ReformerConfig = { ...base, dropout: 0.2, attentionDropout: 0.2 };
    const weights = params(config);
    const [inputs, targets] = [tokensOf(1, 2, 14), tokensOf(2, 2, 14)];
    const one = (k: Value): Value =>
      loss(config, weights, inputs, targets, k, { mode: "training" }).loss;
    const keys = split(key(3), 3);
    const each = keys.map((k) => jit(one)(k));
    expectSameBits(jit(one)(keys[0]), each[0], "again");
    expect(new Set(each.map((value) => value.item())).size).toBe(3);
    expectSameBits(jit(vmap(one))(np.stack(keys)), np.stack(each), "mapped");
    const slope = (k: Value): ReformerParams =>
      grad((p: ReformerParams) => loss(config, p, inputs, targets, k, { mode: "training" }).loss)(
        weights,
      );
    const mapped = tree.leaves<Value>(jit(vmap(slope))(np.stack(keys)));
    const alone = keys.map((k) => tree.leaves<Value>(jit(slope)(k)));
    mapped.forEach((leaf, i) => {
      const expected = np.stack(alone.map((leaves) => leaves[i]));
      expectClose(
        leaf.dataSync(),
        expected.dataSync(),
        { absolute: 1e-5, relative: 1e-4 },
        tree.paths(weights)[i],
      );
    });
  });

  it("uses its rounds of evaluation, or those asked for, and hashes differently with each", () => {
    const tokens = tokensOf(1, 1, 24);
    const weights = params(base);
    const three = run(base, weights, tokens);
    expectSameBits(run(base, weights, tokens, { rounds: 3 }), three, "configured");
    expect(run(base, weights, tokens, { rounds: 1 }).dataSync()).not.toEqual(three.dataSync());
    expectSameBits(
      run(base, weights, tokens, { mode: "training" }),
      run(base, weights, tokens, { rounds: 2 }),
      "training",
    );
  });

  it.each(["untied", "tied"])("has the gradient of its loss by differences, %s", (embedding) => {
    // A fine grid, and no hashing: then small steps change the loss smoothly.
    const config: ReformerConfig = {
      ...base,
      // Streams are averaged there, so that the embedding fits as output.
      ...(embedding === "tied" && { conventions: "lucidrains", tiedEmbedding: true }),
      layers: ["local", "full"],
      fractionBits: 26,
      feedForwardChunk: 5,
      lossChunk: 4,
    };
    const weights = params(config);
    const [inputs, targets] = [tokensOf(8, 2, 9), tokensOf(9, 2, 9)];
    const lossOf = jit((p: ReformerParams) => loss(config, p, inputs, targets, key(1)).loss);
    const gradient = jit(grad(lossOf))(weights);
    const direction = tree.map((x: Tensor) => normalTensor(x.size + 17, x.shape), weights);
    const slope = tree
      .leaves<Value>(gradient)
      .reduce(
        (sum, leaf, i) =>
          sum + innerProduct(leaf.dataSync(), tree.leaves<Value>(direction)[i].dataSync()),
        0,
      );
    const at = (step: number): number =>
      lossOf(
        tree.map(
          (x: Tensor, t: Tensor) =>
            f32(
              x.shape,
              x.words().map((word, i) => word + step * t.words()[i]),
            ),
          weights,
          direction,
        ),
      ).item();
    const h = 2e-3;
    const difference = (at(-2 * h) - 8 * at(-h) + 8 * at(h) - at(2 * h)) / (12 * h);
    expect(Math.abs(difference - slope)).toBeLessThan(5e-3 * Math.abs(slope) + 5e-4);
    expect(Math.abs(slope)).toBeGreaterThan(0.05);
  });
});
