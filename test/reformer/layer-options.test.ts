/** Layers with recurrent units, memories and norms behind them, and layers that are tied: what each of them is. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { grad, init, jit, tree, type Value } from "../../src/index.ts";
import { sliceInDim } from "../../src/lax/index.ts";
import { layerNorm, productKeys, sru, dense, activations } from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { sgd } from "../../src/optim/index.ts";
import { key, normal, randint } from "../../src/random/index.ts";
import {
  buildLayers,
  decoding,
  initParams,
  initUpdateState,
  logits,
  loss,
  lossAndUpdate,
  reformerConfig,
  residual,
  runStack,
  stackContext,
  stored,
  untiedLayers,
  type ProductKeyBlockParams,
  type RecurrentParams,
  type ReformerParams,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { embedTokens } from "../../src/reformer/models/token-vectors.ts";
import { trainingBytes } from "../../src/reformer/models/memory.ts";
import { valuesOf } from "../../src/reformer/stack/stream.ts";
import { plainActivations, secondHalfByLoop } from "../oracles/feed-forward.ts";
import { expectClose, expectSameBits, rowsOf } from "../support/arrays.ts";
import { scattered } from "./block-options.ts";
import { tinyModel } from "./tiny-model.ts";

await init();

const words = (x: Value): readonly number[] => [...x.dataSync()];
const close = { absolute: 1e-5, relative: 1e-4 };
const length = 7;
const x = normal(key(1), [2, length, tinyModel.width]);
const y = normal(key(2), [2, length, tinyModel.width]);

/** What the second half of the only layer adds, in streams without rounding. */
function secondHalf(options: Partial<ReformerConfig>, valid: Value | null = null) {
  const config: ReformerConfig = {
    ...tinyModel,
    layers: ["local"],
    reversible: "float",
    ...options,
  };
  const params = scattered(initParams(config, key(3)));
  const context = stackContext(config, key(4), { mode: "evaluation", length, valid });
  const { streams } = stored(buildLayers(config, "evaluation"))(
    params.layers,
    { first: x, second: y },
    context,
  );
  return {
    config,
    g: params.layers[0].g,
    added: np.subtract(streams.second, y),
    from: streams.first,
  };
}

describe("the second half of a layer", () => {
  it("with recurrent units is trax' of 2020 without a norm: units one after another", () => {
    const { g, added, from } = secondHalf({
      residual: { norm: "none" },
      feedForward: { recurrent: { layers: 2 } },
    });
    const { units } = (g as unknown as RecurrentParams).shared;
    expect(units.length).toBe(2);
    expectClose(words(added), words(sru(units[1], sru(units[0], from))), close, "added");
  });

  it("with units beside it is the feed-forward layer and the units between their dense layers", () => {
    const { g, added, from } = secondHalf({
      feedForward: { recurrent: { layers: 1, units: 3, place: "beside" } },
    });
    const { shared } = g as unknown as RecurrentParams;
    const normed = layerNorm(shared.norm as { gamma: Value; beta: Value }, from, { epsilon: 1e-6 });
    const { inner, outer, dense: beside } = shared;
    if (!inner || !outer || !beside) throw new Error("layers are missing");
    const recurred = dense(outer, sru(shared.units[0], dense(inner, normed)));
    const fed = dense(beside.outer, activations.gelu(dense(beside.inner, normed)));
    expectClose(words(added), words(np.add(recurred, fed)), close, "added");
  });

  it("with a memory reads it by what is normed", () => {
    const options = { keys: 5, heads: 2, best: 3, queryWidth: 6 };
    const { g, added, from } = secondHalf({ feedForward: { productKeys: options } });
    const { norm, memory } = g as unknown as ProductKeyBlockParams;
    const normed = layerNorm(norm as { gamma: Value; beta: Value }, from, { epsilon: 1e-6 });
    const expected = productKeys(memory, normed, { best: 3, epsilon: 1e-6 });
    expectClose(words(added), words(expected), close, "added");
  });

  it("with a norm behind it adds what is normed, in any chunks", () => {
    for (const feedForwardChunk of [null, 3]) {
      const { g, added, from } = secondHalf({ residual: { normAt: "after" }, feedForwardChunk });
      const norm = g.norm as { gamma: Value; beta: Value };
      const fed = dense(g.outer, activations.gelu(dense(g.inner, from)));
      const expected = layerNorm(norm, fed, { epsilon: 1e-6 });
      expectClose(words(added), words(expected), close, "added");
    }
  });

  it("is never changed by what stands at padding", () => {
    const valid = np.array([[1, 1, 0, 1, 1, 0, 1]], "i32");
    const config = {
      ...tinyModel,
      layers: ["local", "full"],
      feedForward: { recurrent: { layers: 2, units: 3 } },
    } as const;
    const params = scattered(initParams(config, key(3)));
    const [first, second] = [0, 7].map((other) => {
      const tokens = np.array([[3, 1, other, 4, 2, other, 5]], "i32");
      return valuesOf(runStack(config, params, tokens, key(1), { valid }).streams.second);
    });
    for (const place of [0, 1, 3, 4, 6]) {
      expectSameBits(np.index(second, 0, place), np.index(first, 0, place), `token ${place}`);
    }
  });
});

const halves = fc.record({
  activation: fc.constantFrom(...(Object.keys(plainActivations) as "relu"[])),
  feedForwardChunk: fc.constantFrom(null, 3, 5),
  residual: fc.oneof(
    fc.record({
      norm: fc.constantFrom("layer", "uncentred", "rms", "scale", "none"),
      gain: fc.boolean(),
    }),
    fc.record({
      norm: fc.constantFrom("layer", "uncentred", "rms", "scale"),
      normAt: fc.constantFrom("after", "before"),
    }),
  ),
  feedForward: fc.oneof(
    fc.record({ gated: fc.boolean() }),
    fc.record({
      gated: fc.boolean(),
      recurrent: fc.record(
        {
          layers: fc.integer({ min: 1, max: 3 }),
          units: fc.integer({ min: 1, max: 9 }),
          place: fc.constantFrom("instead", "beside"),
        },
        { requiredKeys: ["layers"] },
      ),
    }),
    fc.record({
      productKeys: fc.record({
        keys: fc.integer({ min: 3, max: 6 }),
        heads: fc.integer({ min: 1, max: 3 }),
        best: fc.integer({ min: 1, max: 3 }),
        queryWidth: fc.constantFrom(4, 6),
      }),
    }),
  ),
}) as fc.Arbitrary<Partial<ReformerConfig>>;

describe("the second half of a layer, whatever it consists of", () => {
  it("adds what loops over plain numbers give", () => {
    fc.assert(
      fc.property(halves, (options) => {
        const { config, g, added, from } = secondHalf(options);
        const rows = rowsOf([...from.dataSync()], tinyModel.width);
        const expected = secondHalfByLoop(config, g, rows, length, 1e-6);
        expectClose(words(added), expected.flat(), { absolute: 2e-4, relative: 1e-3 }, "added");
      }),
      { numRuns: 60 },
    );
  });
});

describe("a norm behind half-blocks", () => {
  it("is of the whole stream in an ordinary residual network", () => {
    const config: ReformerConfig = {
      ...tinyModel,
      layers: ["full", "local"],
      reversible: "none",
      residual: { normAt: "after", norm: "layer" },
    };
    const params = scattered(initParams(config, key(3)));
    const tokens = randint(key(5), [2, length], 0, 11);
    const { streams } = runStack(config, params, tokens, key(1));
    // The same half-blocks without norms, and the norms by hand.
    const bare = buildLayers({ ...config, residual: { norm: "none" } }, "evaluation");
    const context = stackContext(config, key(1), { mode: "evaluation", length });
    const start = embedTokens(config, params, tokens);
    const result = bare.reduce((stream, layer, i) => {
      const own = params.layers[i];
      return layer.reduce((at, half) => {
        const one = residual([[half]])(
          [{ [half.name]: own[half.name as "f" | "g"] }],
          { first: at, second: at },
          {
            shared: context.shared,
            layers: [{ [half.name]: context.layers[i][half.name as "f" | "g"] }],
          },
        );
        const norm = half.name === "f" ? own.f.shared.norm : own.g.norm;
        return layerNorm(norm as { gamma: Value; beta: Value }, one.streams.first, {
          epsilon: 1e-6,
        });
      }, stream);
    }, start);
    expectClose(words(streams.first), words(result), close, "stream");
  });

  it("of attention is a norm of the sum of its heads", () => {
    const config: ReformerConfig = {
      ...tinyModel,
      layers: ["full"],
      reversible: "float",
      residual: { normAt: "after" },
    };
    const params = scattered(initParams(config, key(3)));
    const context = stackContext(config, key(4), { mode: "evaluation", length });
    const run = (one: ReformerConfig): Value =>
      stored(buildLayers(one, "evaluation"))(params.layers, { first: x, second: y }, context)
        .streams.first;
    const bare = np.subtract(run({ ...config, residual: { norm: "none" } }), x);
    const norm = params.layers[0].f.shared.norm as { gamma: Value; beta: Value };
    const expected = np.add(x, layerNorm(norm, bare, { epsilon: 1e-6 }));
    expectClose(words(run(config)), words(expected), { absolute: 1e-4, relative: 1e-4 }, "first");
  });
});

describe("tied layers", () => {
  const config: ReformerConfig = {
    ...tinyModel,
    layers: ["local", "lsh", "local", "full", "lsh"],
    tiedLayers: "both",
  };
  const tokens = randint(key(5), [2, 9], 0, 11);
  const targets = randint(key(6), [2, 9], 0, 11);
  const options = { mode: "training" } as const;
  const lossOf =
    (one: ReformerConfig) =>
    (p: ReformerParams): Value =>
      loss(one, p, tokens, targets, key(7), options).loss;

  it("have the sum of the gradients that layers of their own would have", () => {
    const params = scattered(initParams(config, key(3)));
    const { tiedLayers: _, ...free } = config;
    const apart = { ...params, layers: untiedLayers(config, params.layers) };
    const ours = jit(grad(lossOf(config)))(params);
    const theirs = jit(grad(lossOf(free)))(apart);
    expectSameBits(ours.embedding.table, theirs.embedding.table, "embedding");
    const sumOf = (all: readonly unknown[]): unknown =>
      all.reduce((sum, more) => tree.map((a: Value, b: Value) => np.add(a, b), sum, more));
    const [local, lsh] = [
      [0, 2],
      [1, 4],
    ].map((of) => of.map((i) => theirs.layers[i].f.parts).toReversed());
    const dense = theirs.layers.map(({ g: { inner, outer } }) => ({ inner, outer })).toReversed();
    const { inner, outer } = ours.layers[0].g;
    const pairs: readonly (readonly [unknown, unknown])[] = [
      [ours.layers[0].f.parts, sumOf(local)],
      [ours.layers[1].f.parts, sumOf(lsh)],
      [{ inner, outer }, sumOf(dense)],
      ...ours.layers.map(({ f }, i) => [f.shared, theirs.layers[i].f.shared] as const),
    ];
    for (const [a, b] of pairs) {
      const expected = tree.leaves<Value>(b);
      tree.leaves<Value>(a).forEach((leaf, i) => expectSameBits(leaf, expected[i], `leaf ${i}`));
    }
  });

  it("need no more memory for their gradient however many there are", () => {
    const peakOf = (count: number): number => {
      const deep: ReformerConfig = {
        ...config,
        width: 32,
        headWidth: 16,
        feedForwardWidth: 256,
        positions: { kind: "none" },
        layers: Array.from({ length: count }, () => "local"),
      };
      const params = initParams(deep, key(3));
      return jit(grad(lossOf(deep))).lower(params).report.peakBytes;
    };
    const weights = 4 * (2 * 32 * 256 + 8 * 16 * 32);
    // Only norms, whose gradients are each layer's own.
    expect(peakOf(12) - peakOf(3)).toBeLessThan(weights / 4);
  });

  it("are updated afterwards only, and decode like others", () => {
    expect(() => lossAndUpdate(config, sgd(0.1))).toThrow(/tied layers/);
    const params = scattered(initParams(config, key(3)));
    expect(initUpdateState(sgd(0.1), params).params).toBe(params);
    const layers = ["local", "full", "local"] as const;
    const variants: readonly Partial<ReformerConfig>[] = [
      {},
      { feedForward: { productKeys: { keys: 4, best: 2, heads: 2, queryWidth: 4 } } },
      { residual: { normAt: "after" } },
      { residual: { normAt: "after" }, reversible: "none" },
    ];
    for (const variant of variants) {
      const plain: ReformerConfig = { ...config, layers, ...variant };
      const own = scattered(initParams(plain, key(3)));
      const prompt = randint(key(8), [1, 5], 0, 11);
      const { logits: next } = decoding.begin(plain, own, prompt, key(1), { capacity: 8 });
      const all = logits(plain, own, prompt, key(1));
      expectSameBits(next, sliceInDim(np.index(all, 0), 4, 5), "logits");
    }
  });
});

describe("a configuration of such layers", () => {
  it.each([
    [{ residual: { normAt: "after", gain: true } }, /residual.normAt.*gains/s],
    [{ residual: { normAt: "after", norm: "none" } }, /residual.normAt.*norm of none/s],
    [{ residual: { normAt: "after", layerDropout: 0.1 } }, /residual.normAt.*layer dropout/s],
    [{ feedForward: { productKeys: { at: [2] } } }, /productKeys.at.*numbers below 2/s],
    [{ feedForward: { productKeys: { keys: 4 } } }, /productKeys.best.*at most 4/s],
    [{ feedForward: { productKeys: { queryWidth: 5 } } }, /productKeys.queryWidth.*even/s],
    [{ feedForward: { productKeys: {}, recurrent: { layers: 1 } } }, /productKeys.at.*missing/s],
    [{ feedForward: { recurrent: { layers: 0 } } }, /recurrent.layers/],
    [{ tiedLayers: "all" as "both" }, /tiedLayers.*both, attention, feedForward/s],
  ] as const)("refuses what does not fit: %o", (values, message) => {
    expect(() => reformerConfig(values)).toThrow(message);
  });

  it("says enough memory for a step", () => {
    const kinds = [
      { recurrent: { layers: 2 } },
      { recurrent: { layers: 1, units: 16, place: "beside" } },
      { productKeys: { keys: 16, best: 4, queryWidth: 16 } },
    ] as const;
    for (const feedForward of kinds) {
      const config = reformerConfig({
        vocabulary: 64,
        width: 32,
        feedForward,
        feedForwardChunk: 64,
        lossChunk: 64,
      });
      const params = initParams(config, key(3));
      const tokens = randint(key(5), [1, 512], 0, 64);
      const step = jit(
        grad(
          (p: ReformerParams): Value =>
            loss(config, p, tokens, tokens, key(7), { mode: "training" }).loss,
        ),
      );
      const { peakBytes } = step.lower(params).report;
      const sizes = { batch: 1, length: 512, optimizerCopies: 0 };
      expect(peakBytes).toBeLessThan(trainingBytes(config, sizes, 64));
    }
  });
});
