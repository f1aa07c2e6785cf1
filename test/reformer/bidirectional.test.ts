/** A stack that sees all of a text, as for classifying it or filling in its gaps; written as outside of this repository. */
import { expect, test } from "vitest";
import { grad, init, jit, tree, type Tensor, type Value } from "../../src/index.ts";
import { fromFixed, toFixed } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, normal, randint } from "../../src/random/index.ts";
import {
  buildLayers,
  initParams,
  invert,
  loss,
  reformerConfig,
  reversible,
  runStack,
  stackContext,
  stored,
} from "../../src/reformer/index.ts";
import { expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

await init("reference");

const [batch, length] = [2, 24];
const chunks = { chunk: 4, before: 1, after: 1 };
const config = reformerConfig({
  vocabulary: 19,
  width: 8,
  mask: "full",
  layers: ["local", "lsh", "full"],
  local: chunks,
  lsh: { ...chunks, rounds: 2, buckets: 4, centred: true },
});
const params = initParams(config, key(0));
const tokens = randint(key(1), [batch, length], 0, config.vocabulary);
/** The last tokens of the second text are padding. */
const lengths = [length, 17];
const valid = np.array(
  lengths.map((n) => Array.from({ length }, (_, i) => Number(i < n))),
  "i32",
);

/** The mean of what the top knows of each text's real tokens: what a classifier would read, f32[batch, width]. */
const summary = (p: typeof params, given: Value): Value => {
  const { first, second } = runStack(config, p, given, key(2), { valid }).streams;
  const top = np.add(fromFixed(first), fromFixed(second));
  const real = np.expandDims(np.astype(valid, "f32"), 2);
  return np.divide(np.sum(np.multiply(top, real), 1), np.sum(real, 1));
};

const changedAt = (row: number, place: number): Value =>
  np.where(
    np.logicalAnd(np.equal(np.arange(length), place), np.equal(np.array([[0], [1]]), row)),
    np.remainder(np.add(tokens, 1), config.vocabulary),
    tokens,
  );

describeBackends("a stack with the mask full", () => {
  test("lets the first token see the last one, and no token padding", () => {
    const top = (given: Value): Value =>
      runStack(config, params, given, key(2), { valid }).streams.first;
    const [plain, later, padded] = [tokens, changedAt(0, length - 1), changedAt(1, 20)].map(top);
    const at = (x: Value, row: number): Value => np.index(x, row, np.slice(0, lengths[row]));
    expect(np.arrayEqual(np.index(plain, 0, 0), np.index(later, 0, 0))).toBe(false);
    expectSameBits(at(padded, 1), at(plain, 1), "real tokens beside padding");
    expectSameBits(at(padded, 0), at(plain, 0), "the other text");
  });

  test("is undone bit for bit, and has the stored network's gradient", () => {
    const layers = buildLayers(config, "training");
    const context = stackContext(config, key(2), { mode: "training", length, valid });
    const x = toFixed(normal(key(3), [batch, length, config.width]));
    const { streams } = reversible(layers)(params.layers, { first: x, second: x }, context);
    expectSameBits(invert(layers)(params.layers, streams, context).first, x, "rebuilt");
    const gradients = [reversible, stored].map((make) =>
      jit(
        grad((p: typeof params.layers): Value => {
          const { first, second } = make(layers)(p, { first: x, second: x }, context).streams;
          return np.sum(np.multiply(np.sin(fromFixed(first)), fromFixed(second)));
        }),
      )(params.layers),
    );
    const [ours, theirs] = gradients.map((gradient) => tree.leaves<Tensor>(gradient));
    ours.forEach((leaf, i) => {
      expectSameBits(leaf, theirs[i], `gradient ${i}`);
    });
  });

  test("learns from its end to its beginning: a classifier's gradient reaches all real tokens", () => {
    const dEmbedding = grad((p: typeof params) => np.sum(summary(p, tokens)))(params).embedding;
    const mask = valid.dataSync();
    const used = new Set(Array.from(tokens.dataSync()).filter((_, i) => mask[i] === 1));
    const norms = np.sum(np.abs(dEmbedding.table), 1).dataSync();
    norms.forEach((norm, token) => {
      expect(norm > 0).toBe(used.has(token));
    });
  });

  test("predicts no next token: it would see it", () => {
    expect(() => loss(config, params, tokens, tokens, key(2))).toThrow(
      /^loss: a model that sees the next token cannot predict it.*mask "causal".*runStack gives/,
    );
  });
});
