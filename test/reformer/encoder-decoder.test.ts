/** Encoder-decoders: cross-attention against sums written out, exact gradients, padding on both sides, one sweep through the encoder. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { grad, init, jit, tree, valueAndGrad, type Tensor, type Value } from "../../src/index.ts";
import { fromFixed, toFixed } from "../../src/lax/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, normal, randint } from "../../src/random/index.ts";
import { encoderDecoder, invert, reversible, stored } from "../../src/reformer/index.ts";
import { crossAttention } from "../../src/reformer/attention/cross-attention.ts";
import { decoderStack } from "../../src/reformer/models/encoder-decoder/decoder-layers.ts";
import { decoderContext } from "../../src/reformer/models/encoder-decoder/passes.ts";
import { checkGrads } from "../../src/testing/index.ts";
import { expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

await init("reference");

const chunks = { chunk: 4, before: 1, after: 0 };
const config = encoderDecoder.config({
  vocabulary: 13,
  width: 8,
  layers: ["local", "lsh", "full"],
  local: chunks,
  lsh: { ...chunks, rounds: 2, buckets: 4 },
  encoder: {
    layers: ["lsh", "full"],
    lsh: { ...chunks, after: 1 },
    positions: { kind: "learned", length: 40 },
  },
  feedForwardChunk: 7,
  lossChunk: 5,
});
const params = encoderDecoder.init(config, key(0));
const [batch, sourceLength, length] = [2, 15, 11];
const source = randint(key(1), [batch, sourceLength], 0, 13);
const inputs = randint(key(2), [batch, length], 0, 13);
const targets = randint(key(3), [batch, length], 0, 13);
const pair = { source, inputs, targets };
const i32 = (rows: readonly (readonly number[])[]): Value => np.array(rows, "i32");
const upTo = (counts: readonly number[], size: number): Value =>
  i32(counts.map((count) => Array.from({ length: size }, (_, i) => Number(i < count))));

describeBackends("cross-attention", () => {
  test("is the softmax over the real tokens of the other text, and so is its gradient", () => {
    fc.assert(
      fc.property(
        fc.record({
          length: fc.integer({ min: 1, max: 9 }),
          source: fc.integer({ min: 1, max: 9 }),
          real: fc.integer({ min: 1, max: 9 }),
          masked: fc.boolean(),
          seed: fc.integer({ min: 0, max: 1000 }),
        }),
        ({ length: rows, source: columns, real, masked, seed }) => {
          const vectors = {
            q: normal(key(seed), [2, rows, 3]),
            k: normal(key(seed + 1), [2, columns, 3]),
            v: normal(key(seed + 2), [2, columns, 4]),
          };
          const valid = upTo([Math.min(real, columns), columns], columns);
          type Vectors = typeof vectors;
          const ours = (x: Vectors): Value =>
            crossAttention(x, {
              valid: masked ? valid : null,
              keepProbability: null,
              dropoutKey: null,
            });
          const theirs = ({ q, k, v }: Vectors): Value => {
            const scores = np.divide(np.matmul(q, np.swapaxes(k, 1, 2)), Math.sqrt(3));
            const seen = np.greater(np.expandDims(valid, 1), 0);
            return np.matmul(nn.softmax(masked ? np.where(seen, scores, -1e9) : scores), v);
          };
          const of = (f: (x: Vectors) => Value) =>
            tree.leaves<Tensor>([f(vectors), grad((x: Vectors) => np.sum(np.sin(f(x))))(vectors)]);
          const expected = of(theirs);
          of(ours).forEach((leaf, i) => {
            expect(np.max(np.abs(np.subtract(leaf, expected[i]))).item()).toBeLessThan(1e-5);
          });
        },
      ),
      { numRuns: 15 },
    );
  });
});

describeBackends("an encoder-decoder", () => {
  test("is undone bit for bit, and has the gradient of the stored network, with dropout, padding and hashing", () => {
    const wet = encoderDecoder.config({ ...config, dropout: 0.2, attentionDropout: 0.2 });
    const { layers } = decoderStack(wet, "training");
    const sourceValid = upTo([15, 9], sourceLength);
    const pass = { mode: "training", valid: upTo([8, 11], length) } as const;
    const contextOf = (read: Value) =>
      decoderContext(wet, { source: read, sourceValid }, inputs, key(5), pass);
    const read = normal(key(6), [batch, sourceLength, wet.width]);
    const x = toFixed(normal(key(7), [batch, length, wet.width]));
    const bottom = { first: x, second: x };
    const { streams } = reversible(layers)(params.layers, bottom, contextOf(read));
    expectSameBits(invert(layers)(params.layers, streams, contextOf(read)).first, x, "rebuilt");
    const [ours, theirs] = [reversible, stored].map((make) =>
      tree.leaves<Tensor>(
        jit(
          grad(
            (p: typeof params.layers, from: Value): Value => {
              const { first, second } = make(layers)(p, bottom, contextOf(from)).streams;
              return np.sum(np.multiply(np.sin(fromFixed(first)), fromFixed(second)));
            },
            { argnums: [0, 1] },
          ),
        )(params.layers, read),
      ),
    );
    ours.forEach((leaf, i) => {
      expectSameBits(leaf, theirs[i], `gradient ${i}`);
      expect(leaf.dataSync().some((word) => word !== 0)).toBe(true);
    });
  });

  test("looks at no padding of either text, and at nothing of the target that is to come", () => {
    const [counts, lengths] = [
      [sourceLength, 6],
      [length, 7],
    ];
    const options = { sourceValid: upTo(counts, sourceLength), valid: upTo(lengths, length) };
    const logitsOf = jit((given: { source: Value; inputs: Value }) =>
      encoderDecoder.logits(config, params, given, key(4), options),
    );
    const plain = logitsOf({ source, inputs });
    const elsewhere = (x: Value, from: number): Value =>
      np.where(
        np.logicalAnd(
          np.equal(np.array([[0], [1]]), 1),
          np.greaterEqual(np.arange(x.shape[1]), from),
        ),
        np.remainder(np.add(x, 5), 13),
        x,
      );
    const padded = logitsOf({ source: elsewhere(source, 6), inputs: elsewhere(inputs, 7) });
    const real = (x: Value): Value => np.index(x, 1, np.slice(0, 7));
    expectSameBits(real(padded), real(plain), "real tokens beside padding");
    expectSameBits(np.index(padded, 0), np.index(plain, 0), "the other pair");
    const future = logitsOf({ source, inputs: elsewhere(inputs, 5) });
    const past = (x: Value): Value => np.index(x, 1, np.slice(0, 5));
    expectSameBits(past(future), past(plain), "tokens before the change");
    const other = logitsOf({ source: elsewhere(source, 5), inputs });
    expect(np.arrayEqual(past(other), past(plain))).toBe(false);
  });

  test("chooses the likeliest of its logits", () => {
    const encoded = encoderDecoder.encode(config, params, source, key(4));
    const logits = encoderDecoder.logits(config, params, { source, inputs }, key(4));
    const { tokens } = encoderDecoder.nextTokens(
      config,
      params,
      encoded,
      { inputs, last: np.array(6, "i32") },
      key(4),
    );
    expect(tokens.toArray()).toEqual(np.argmax(np.index(logits, np.slice(), 6), 1).toArray());
  });

  test("has as mean of its losses its loss, in which padding counts nothing", () => {
    const some = np.where(np.greater(upTo([4, 11], length), 0), targets, -1);
    const encoded = encoderDecoder.encode(config, params, source, key(4));
    const { losses } = encoderDecoder.losses(
      config,
      params,
      encoded,
      { inputs, targets: some },
      key(4),
    );
    const { loss, health } = encoderDecoder.loss(
      config,
      params,
      { ...pair, targets: some },
      key(4),
    );
    expect(loss.item()).toBeCloseTo(np.sum(losses).item() / 15, 5);
    expect(health.badLayer.item()).toBe(-1);
  });
});

describe("an encoder-decoder", () => {
  test("has the derivative that differences have, in float and as an ordinary residual network", () => {
    for (const kind of ["float", "none"] as const) {
      const smooth = encoderDecoder.config({
        vocabulary: 13,
        width: 4,
        activation: "gelu",
        reversible: kind,
      });
      const at = encoderDecoder.init(smooth, key(0));
      const lossOf = jit(
        (table: Value) =>
          encoderDecoder.loss(smooth, { ...at, embedding: { table } }, pair, key(4)).loss,
      );
      checkGrads(lossOf, [at.embedding.table], { modes: ["reverse"], step: 1e-2, tolerance: 2e-2 });
    }
  });

  test("sweeps through its encoder once, however many layers of the decoder read it", () => {
    const flops = (encoder: number, decoder: number): number => {
      const deep = encoderDecoder.config({
        vocabulary: 13,
        width: 8,
        layers: Array.from({ length: decoder }, () => "full" as const),
        encoder: { layers: Array.from({ length: encoder }, () => "full" as const) },
      });
      const step = jit(
        valueAndGrad((p: typeof params) => encoderDecoder.loss(deep, p, pair, key(4)).loss),
      );
      return step.lower(encoderDecoder.init(deep, key(0))).report.flops;
    };
    const ofDecoder = [1, 3].map((encoder) => flops(encoder, 3) - flops(encoder, 2));
    expect(ofDecoder[1]).toBe(ofDecoder[0]);
    const ofEncoder = [1, 3].map((decoder) => flops(3, decoder) - flops(2, decoder));
    expect(ofEncoder[1]).toBe(ofEncoder[0]);
  });

  test("has as many parameters as are counted", () => {
    for (const values of [{}, { tiedEmbedding: true, conventions: "lucidrains" } as const]) {
      const counted = encoderDecoder.config({ ...config, ...values });
      const leaves = tree.leaves<Tensor>(encoderDecoder.init(counted, key(0)));
      const size = leaves.reduce((sum, leaf) => sum + leaf.size, 0);
      expect(encoderDecoder.parameterCount(counted)).toBe(size);
    }
  });

  test("says all that is wrong with a configuration", () => {
    const wrong = { mask: "full" as const, encoder: { layers: [], lsh: { buckets: 5 } } };
    expect(() => encoderDecoder.config(wrong)).toThrow(/encoder.layers/);
    expect(() => encoderDecoder.config({ mask: "full" })).toThrow(
      /^encoderDecoder.config: mask: lets the decoder see/,
    );
    expect(() => encoderDecoder.config({ encoder: { lsh: { buckets: 5 } } })).toThrow(
      /^encoderDecoder.config: encoder.lsh.buckets: must be even/,
    );
  });
});
