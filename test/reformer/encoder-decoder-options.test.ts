/** Encoder-decoders whose decoder hashes the encoder's result with its text, and updates inside of both reverse sweeps. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, init, jit, tree, type Tensor, type Value } from "../../src/index.ts";
import { fromFixed, toFixed } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { adam, applyUpdates, chain, clipByGlobalNorm, sgd } from "../../src/optim/index.ts";
import { key, normal, randint } from "../../src/random/index.ts";
import {
  decoding,
  encoderDecoder,
  reversible,
  runStack,
  stored,
} from "../../src/reformer/index.ts";
import { decoderStack } from "../../src/reformer/models/encoder-decoder/decoder-layers.ts";
import { decoderContext, targetKey } from "../../src/reformer/models/encoder-decoder/passes.ts";
import { expectCloseToLargest, expectSameBits } from "../support/arrays.ts";

await init();

const chunks = { chunk: 4, before: 1, after: 0 };
const base = {
  vocabulary: 13,
  width: 8,
  local: chunks,
  lsh: { ...chunks, rounds: 2, buckets: 4 },
  encoder: { layers: ["lsh", "full"], lsh: { ...chunks, after: 1 } },
  feedForwardChunk: 7,
  lossChunk: 5,
} as const;
const [batch, sourceLength, length] = [2, 9, 7];
const source = randint(key(1), [batch, sourceLength], 0, 13);
const inputs = randint(key(2), [batch, length], 0, 13);
const targets = randint(key(3), [batch, length], 0, 13);
const pair = { source, inputs, targets };
const rows = (...texts: readonly string[]): Value =>
  np.array(
    texts.map((text) => Array.from(text, Number)),
    "i32",
  );
const sourceValid = rows("111111111", "011101100");
const valid = rows("1111111", "1111100");

describe("a decoder that reads by keys", () => {
  const config = encoderDecoder.config({
    ...base,
    layers: ["lsh", "local", "full"],
    cross: "keys",
  });
  const params = encoderDecoder.init(config, key(0));

  test("is the Reformer with the encoder's result as keys of its layers", () => {
    const encoded = encoderDecoder.encode(config, params, source, key(4), { sourceValid });
    const options = { valid, sourceValid };
    const { streams } = encoderDecoder.decode(config, params, encoded, inputs, key(4), options);
    const { encoder: _encoder, cross: _cross, ...decoder } = config;
    const { layers, embedding, positions } = params;
    const body = { layers, embedding, positions };
    const given = { valid, keys: encoded.source, keysValid: sourceValid };
    const expected = runStack(decoder, body, inputs, targetKey(key(4)), given);
    expectSameBits(streams.first, expected.streams.first, "first");
    expectSameBits(streams.second, expected.streams.second, "second");
    expect(Object.keys(layers[0])).toEqual(["f", "g"]);
    const size = tree.leaves<Value>(params).reduce((sum, leaf) => sum + leaf.size, 0);
    expect(size).toBe(encoderDecoder.parameterCount(config));
  });

  test("has the gradient of the stored network bit for bit, in its parameters and in what it reads", () => {
    const wet = encoderDecoder.config({ ...config, dropout: 0.2, attentionDropout: 0.2 });
    const { layers } = decoderStack(wet, "training");
    const pass = { mode: "training", valid } as const;
    const read = normal(key(6), [batch, sourceLength, wet.width]);
    const x = toFixed(normal(key(7), [batch, length, wet.width]));
    const [ours, theirs] = [reversible, stored].map((make) => {
      const objective = (p: typeof params.layers, from: Value): Value => {
        const context = decoderContext(wet, { source: from, sourceValid }, inputs, key(5), pass);
        const { first, second } = make(layers)(p, { first: x, second: x }, context).streams;
        return np.sum(np.multiply(np.sin(fromFixed(first)), fromFixed(second)));
      };
      return tree.leaves<Tensor>(jit(grad(objective, { argnums: [0, 1] }))(params.layers, read));
    });
    ours.forEach((leaf, i) => expectSameBits(leaf, theirs[i], `gradient ${i}`));
  });

  test("sees what the encoder says, but nothing of its padding", () => {
    const options = { valid, sourceValid };
    const logitsOf = jit((given: Value) =>
      encoderDecoder.logits(config, params, { source: given, inputs }, key(4), options),
    );
    const plain = logitsOf(source);
    const changed = np.remainder(np.add(source, 5), 13);
    const padding = np.where(np.equal(sourceValid, 0), changed, source);
    expectSameBits(logitsOf(padding), plain, "padding of the source");
    expect(np.arrayEqual(logitsOf(changed), plain)).toBe(false);
  });

  test("needs layers that see keys", () => {
    const local = { ...base, layers: ["local"], cross: "keys" } as const;
    expect(() => encoderDecoder.config(local)).toThrow(/cross.*lsh and full/s);
    expect(Object.keys(encoderDecoder.config({ layers: ["local"] }))).not.toContain("cross");
  });
});

describe("updates inside of both sweeps", () => {
  const choices = fc.record({
    cross: fc.constantFrom("attention" as const, "keys" as const),
    layers: fc.constantFrom<readonly ("lsh" | "local" | "full")[]>(
      ["lsh"],
      ["local", "full"],
      ["full", "lsh", "local"],
    ),
    dropout: fc.constantFrom(0, 0.2),
    reversible: fc.constantFrom("exact" as const, "float" as const),
    masks: fc.boolean(),
    apart: fc.boolean(),
  });

  test("are those of the gradient, in both kinds of streams", () => {
    fc.assert(
      fc.property(choices, ({ masks, apart, ...chosen }) => {
        const own = { ...base.encoder, ...(apart && { vocabulary: 17 }) };
        const config = encoderDecoder.config({ ...base, ...chosen, encoder: own });
        const params = encoderDecoder.init(config, key(0));
        const optimizer = sgd(1);
        const options = masks ? { valid, sourceValid } : {};
        const step = encoderDecoder.lossAndUpdate(config, optimizer, { labelSmoothing: 0.1 });
        const start = encoderDecoder.initUpdateState(optimizer, params);
        const swept = jit((state: typeof start) => step(state, pair, key(9), options))(start);
        const lossOf = (p: typeof params): Value =>
          encoderDecoder.loss(config, p, pair, key(9), {
            ...options,
            mode: "training",
            labelSmoothing: 0.1,
          }).loss;
        const gradient = jit(grad(lossOf))(params);
        const [updates] = optimizer.update(gradient, optimizer.init(params), params);
        const expected = tree.leaves<Tensor>(applyUpdates(params, updates));
        expect(swept.updated.item()).toBe(1);
        expectSameBits(swept.loss, jit(lossOf)(params), "loss");
        tree.leaves<Tensor>(swept.state.params).forEach((leaf, i) => {
          expectCloseToLargest(leaf.dataSync(), expected[i].dataSync(), 1e-6, `leaf ${i}`);
        });
        const ofLayers = [swept.state.params.layers, swept.state.params.encoder.layers];
        const exact = tree.leaves<Tensor>(ofLayers);
        const { layers, encoder } = applyUpdates(params, updates);
        if (chosen.reversible === "exact") {
          tree.leaves<Tensor>([layers, encoder.layers]).forEach((leaf, i) => {
            expectSameBits(exact[i], leaf, `leaf ${i} of the layers`);
          });
        }
      }),
      { numRuns: 5 },
    );
  });

  test("leave everything as it was where a stream of either stack is not finite", () => {
    const config = encoderDecoder.config({ ...base, layers: ["full"] });
    const params = encoderDecoder.init(config, key(0));
    const step = encoderDecoder.lossAndUpdate(config, adam(0.1));
    const spoil = <T>(x: T): T => tree.map((leaf: Value) => np.multiply(leaf, NaN), x);
    const { encoder, layers } = params;
    const [bottom, ...others] = encoder.layers;
    const spoiled = [
      {
        ...params,
        encoder: { ...encoder, layers: [{ ...bottom, g: spoil(bottom.g) }, ...others] },
      },
      { ...params, layers: layers.map((layer) => ({ ...layer, g: spoil(layer.g) })) },
    ];
    spoiled.forEach((broken, i) => {
      const state = encoderDecoder.initUpdateState(adam(0.1), broken);
      const after = step(state, pair, key(9));
      expect([after.updated.item(), after.health.badLayer.item()]).toEqual([0, i === 0 ? 0 : 2]);
      const before = tree.leaves<Tensor>(state);
      tree.leaves<Tensor>(after.state).forEach((leaf, j) => {
        expectSameBits(leaf, before[j], `leaf ${j}`);
      });
    });
  });

  test("are refused where they cannot be", () => {
    const update = (values: object, optimizer = sgd(0.1)): unknown =>
      encoderDecoder.lossAndUpdate(encoderDecoder.config({ ...base, ...values }), optimizer);
    expect(() => update({ layers: ["full"], reversible: "none" })).toThrow(/reverse sweep/);
    expect(() => update({ layers: ["full", "full"], tiedLayers: "both" })).toThrow(/tied layers/);
    const clipped = chain(clipByGlobalNorm(1), sgd(0.1));
    expect(() => update({ layers: ["full"] }, clipped)).toThrow(/all layers at once/);
  });
});

test("an encoder with a vocabulary of its own has a table of its own", () => {
  const values = { ...base, layers: ["full"] } as const;
  const shared = encoderDecoder.config(values);
  const apart = encoderDecoder.config({ ...values, encoder: { ...base.encoder, vocabulary: 15 } });
  const drawn = encoderDecoder.init(apart, key(0));
  const size = tree.leaves<Value>(drawn).reduce((sum, leaf) => sum + leaf.size, 0);
  expect(size).toBe(encoderDecoder.parameterCount(apart));
  expect(size).toBe(encoderDecoder.parameterCount(shared) + 15 * base.width);

  const params = encoderDecoder.init(shared, key(0));
  expect(Object.keys(params.encoder)).not.toContain("embedding");
  const table = np.concatenate([params.embedding.table, np.ones([2, base.width])], 0);
  const wider = { ...params, encoder: { ...params.encoder, embedding: { table } } };
  const texts = { source, inputs };
  const logits = encoderDecoder.logits(shared, params, texts, key(4));
  expectSameBits(encoderDecoder.logits(apart, wider, texts, key(4)), logits, "logits");
  const onlySource = { source: np.add(source, 2), inputs };
  const others = encoderDecoder.logits(apart, wider, onlySource, key(4));
  expect(np.arrayEqual(others, logits)).toBe(false);
  const gradient = grad(
    (p: typeof wider): Value => encoderDecoder.loss(apart, p, pair, key(4)).loss,
  )(wider);
  expect(gradient.encoder.embedding.table.shape).toEqual([15, base.width]);
  expect(() => encoderDecoder.logits(apart, params, texts, key(4))).toThrow(/params.encoder/);
});

test("a decoder that reads by keys has no cache, and says so by the name of the field", () => {
  const config = encoderDecoder.config({ ...base, layers: ["full"], cross: "keys" });
  const params = encoderDecoder.init(config, key(0));
  const encoded = encoderDecoder.encode(config, params, source, key(4));
  const begin = (): unknown =>
    decoding.begin(config, params, inputs, key(4), { capacity: 9, encoded });
  expect(begin).toThrow(/no cache.*cross/s);
});
