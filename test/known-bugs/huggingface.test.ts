/** What goes wrong in HuggingFace's Reformer, one test each. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { grad, init, tree, vjp, type Tensor, type Value } from "../../src/index.ts";
import { add, array, concatenate, index, multiply, slice, sum } from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  decoding,
  logits,
  reversible,
  stored,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { formatVerdict, verifyCase } from "../../src/verify/index.ts";
import { readCaseOrThrow } from "../../src/verify/node/index.ts";
import { goldenRunners } from "../../src/verify/runners.ts";
import { expectCloseToLargest, expectSameBits, i32 } from "../support/arrays.ts";
import { stackGradient } from "../reformer/block-options.ts";
import {
  config,
  expectSameTrees,
  isFinite,
  lossOf,
  paramsOf,
  tokensOf,
  vocabulary,
} from "./models.ts";

beforeAll(async () => {
  await init("wasm", { threads: 1 });
});

const ways = [
  ["our cache", decoding],
  ["HuggingFace's cache", decoding.huggingFace],
] as const;

const decodable: ReformerConfig = { ...config, lsh: { ...config.lsh, centred: false } };

describe("HuggingFace", () => {
  test.each(ways)("decoding draws new rotations for every token: %s", (_, { begin, next }) => {
    const params = paramsOf(decodable);
    const { cache } = begin(decodable, params, tokensOf(1, 9), key(1), { capacity: 20 });
    const after = next(decodable, params, cache as never, array([5], "i32")).cache;
    const before = tree.leaves<Value>(cache.rotations);
    tree.leaves<Value>(after.rotations).forEach((leaf, i) => {
      expectSameBits(leaf, before[i], "rotations");
    });
  });

  test("a token has another bucket when it is decoded than in a prompt", () => {
    const model: ReformerConfig = { ...decodable, layers: ["lsh"] };
    const params = paramsOf(model);
    const tokens = tokensOf(2, 16);
    const bucketsAfter = (prompt: number): Value | null => {
      const start = index(tokens, slice(), slice(0, prompt));
      let { cache } = decoding.huggingFace.begin(model, params, start, key(1), { capacity: 16 });
      for (let i = prompt; i < 16; i++) {
        const token = index(tokens, slice(), i);
        ({ cache } = decoding.huggingFace.next(model, params, cache, token));
      }
      return cache.layers[0].buckets;
    };
    const whole = bucketsAfter(16);
    for (const prompt of [3, 12]) expect(bucketsAfter(prompt)?.toArray()).toEqual(whole?.toArray());
  });

  test("dropout of the backward pass is not that of the forward pass where tokens are hashed", () => {
    const model: ReformerConfig = { ...config, layers: ["lsh", "lsh"], dropout: 0.3 };
    expectSameTrees(stackGradient(model, reversible), stackGradient(model, stored));
  });

  test("another number of rounds in training fails in the backward pass", () => {
    const asked = grad(lossOf(config, tokensOf(3, 14), key(1), { rounds: 3 }))(paramsOf(config));
    const model: ReformerConfig = { ...config, lsh: { ...config.lsh, rounds: 3 } };
    expectSameTrees(asked, grad(lossOf(model, tokensOf(3, 14), key(1)))(paramsOf(config)));
  });

  test.each(ways)("decoded sequences read the first one's states: %s", (_, { begin, next }) => {
    const params = paramsOf(decodable);
    const tokens = tokensOf(4, 10, 2);
    const row = (x: Value, b: number): Value => index(x, slice(b, b + 1));
    const following = (prompt: Value, token: Value): Value => {
      const { cache } = begin(decodable, params, prompt, key(1), { capacity: 16 });
      return next(decodable, params, cache as never, token).logits;
    };
    const token = array([5, 8], "i32");
    const both = following(tokens, token);
    for (const b of [0, 1])
      expectSameBits(row(both, b), following(row(tokens, b), row(token, b)), "alone");
  });

  test("two passes before a gradient replay each other's dropout and buckets", () => {
    const params = paramsOf(config);
    const a = lossOf(config, tokensOf(5, 14), key(3));
    const b = lossOf(config, tokensOf(6, 14), key(4));
    const [, pullA] = vjp(a, params);
    const [, pullB] = vjp(b, params);
    const [dA] = pullA(array(1));
    const [dB] = pullB(array(1));
    expectSameTrees(dA, grad(a)(params));
    expectSameTrees(dB, grad(b)(params));
  });

  test("the bucket count is frozen by the first length", () => {
    const params = paramsOf(config);
    const short = tokensOf(7, 12);
    const before = logits(config, params, short, key(2));
    logits(config, params, tokensOf(8, 28), key(2));
    expectSameBits(logits(config, params, short, key(2)), before, "after a longer one");
  });

  test("there are no second derivatives", () => {
    const smooth: ReformerConfig = { ...config, layers: ["local", "full"], reversible: "float" };
    const params = paramsOf(smooth);
    const { table } = params.embedding;
    const slope = (at: Value): Value =>
      grad((t: Value) =>
        lossOf(smooth, tokensOf(9, 10), key(1))({ ...params, embedding: { table: t } }),
      )(at);
    const direction = slope(table);
    const second = grad((at: Value) => sum(multiply(slope(at), direction)))(table) as Tensor;
    const step = 0.02;
    const moved = (by: number): Tensor => slope(add(table, multiply(direction, by))) as Tensor;
    const [ahead, behind] = [moved(step).words(), moved(-step).words()];
    const differences = Float32Array.from(ahead, (x, i) => (x - behind[i]) / (2 * step));
    expectCloseToLargest(second.words(), differences, 0.02, "second derivative");
  });

  test("padding moves the positions of a text that chunks do not divide", () => {
    const model: ReformerConfig = { ...config, conventions: "huggingface", layers: ["local"] };
    const tokens = tokensOf(10, 16);
    const head = (x: Value): Value => index(x, slice(), slice(0, 13));
    const params = paramsOf(model);
    const whole = logits(model, params, tokens, key(1));
    expectSameBits(logits(model, params, head(tokens), key(1)), head(whole), "the first 13");
  });

  test("heads cannot be removed", () => {
    const three: ReformerConfig = { ...config, heads: 3, layers: ["local", "full"], dropout: 0 };
    const params = paramsOf(three);
    const map = (p: ReformerParams, f: (x: Value, name: string) => Value): ReformerParams => ({
      ...p,
      layers: p.layers.map((layer) => ({
        ...layer,
        f: {
          ...layer.f,
          parts: Object.fromEntries(
            Object.entries(layer.f.parts).map(([name, x]) => [name, f(x as Value, name)]),
          ) as never,
        },
      })),
    });
    const others = (x: Value): Value => index(x, slice(0, 2));
    const silent = map(params, (x, name) =>
      name === "output" ? concatenate([others(x), multiply(index(x, slice(2, 3)), 0)], 0) : x,
    );
    const tokens = tokensOf(11, 14);
    const pruned = logits({ ...three, heads: 2 }, map(params, others), tokens, key(1));
    expectSameBits(pruned, logits(three, silent, tokens, key(1)), "without the third");
  });

  test("its tests take weights for gradients", async () => {
    const folder = join(import.meta.dirname, "../golden/huggingface/lm_chunked");
    const golden = readCaseOrThrow(folder, "lm_chunked");
    const name = "reformer.encoder.layers.0.attention.self_attention.query.weight";
    const weights = golden.weights.get(name);
    if (!weights) throw new Error("no such weights");
    const tensors = new Map(golden.tensors)
      .set(`grad.${name}`, weights)
      .set(`grad64.${name}`, weights);
    const verdict = formatVerdict(await verifyCase({ ...golden, tensors }, goldenRunners));
    expect(verdict).toMatch(/^FAIL .*query.weight.*wrong gradient/);
  });

  test("lengths that no chunk divides, or that do not fill the axes, cannot be trained on", () => {
    for (const length of [1, 7, 13, 29]) {
      const gradient = grad(lossOf(config, tokensOf(12, length), key(6)))(paramsOf(config));
      expect(isFinite(gradient)).toBe(true);
    }
  });

  test("a text beyond the positions is an index out of range", () => {
    const long = i32([1, 31], Array<number>(31).fill(1));
    expect(() => logits(config, paramsOf(config), long, key(1))).toThrow(
      /does not fit the positions[^]*1 to 30 tokens[^]*31/,
    );
  });

  test("beams are not reordered in the cache", () => {
    const params = paramsOf(decodable);
    const tokens = tokensOf(13, 10, 2);
    const flip = (x: Value): Value => index(x, array([1, 0], "i32"));
    const read = (prompt: Value) =>
      decoding.begin(decodable, params, prompt, key(1), { capacity: 16 });
    const { cache } = read(tokens);
    const beams = array([1, 0], "i32");
    const swapped = {
      ...cache,
      layers: tree.map((x: Value) => index(x, slice(), beams), cache.layers),
    };
    const token = array([vocabulary - 1, 2], "i32");
    const reordered = decoding.next(decodable, params, swapped, token).logits;
    const read2 = decoding.next(decodable, params, read(flip(tokens)).cache, token).logits;
    expectSameBits(reordered, read2, "of the other order");
  });

  test("a padded batch is generated from without its mask", () => {
    const params = paramsOf(decodable);
    const [long, short] = [tokensOf(14, 12), tokensOf(15, 7)];
    const read = (prompt: Value) =>
      decoding.begin(decodable, params, prompt, key(1), { capacity: 16 }).cache;
    const together = decoding.join([read(long), read(short)]);
    const both = decoding.next(decodable, params, together, array([3, 4], "i32")).logits;
    const alone = decoding.next(decodable, params, read(short), array([4], "i32")).logits;
    expectSameBits(index(both, slice(1, 2)), alone, "of the shorter text");
  });
});
