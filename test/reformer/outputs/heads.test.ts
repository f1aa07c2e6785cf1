/** Masked language models, classifiers and finders of spans: chunks, padding, dropout keys and updates inside the sweep. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jit, tree, valueAndGrad, type Tensor, type Value } from "../../../src/index.ts";
import { applyUpdates, adam } from "../../../src/optim/index.ts";
import * as np from "../../../src/numpy/index.ts";
import { key } from "../../../src/random/index.ts";
import {
  classifier,
  initParams,
  initUpdateState,
  masked,
  maskTokens,
  spans,
  type ReformerConfig,
  type ReformerParams,
  type UpdateOptions,
  type UpdateState,
} from "../../../src/reformer/index.ts";
import { expectClose, expectCloseToLargest, expectSameBits, i32 } from "../../support/arrays.ts";
import { describeBackends } from "../../support/backends.ts";
import { integers } from "../../support/random-data.ts";
import { tinyModel } from "../tiny-model.ts";

const base: ReformerConfig = {
  ...tinyModel,
  mask: "full",
  local: { chunk: 4, before: 1, after: 1 },
  lsh: { ...tinyModel.lsh, before: 1, after: 1 },
};

const batch = 2;

/** An output of any kind: its parameters, and its loss of tokens i32[batch, L] with targets from a seed. */
interface Kind {
  readonly name: string;
  readonly init: (config: ReformerConfig, k: Value) => ReformerParams<unknown>;
  readonly loss: (
    config: ReformerConfig,
    params: ReformerParams<unknown>,
    tokens: Value,
    seed: number,
    options: UpdateOptions & { readonly mode?: "training" },
  ) => Value;
  readonly step: (
    config: ReformerConfig,
  ) => (
    state: UpdateState<unknown>,
    tokens: Value,
    seed: number,
    options: UpdateOptions,
  ) => { readonly loss: Value; readonly state: UpdateState<unknown> };
}

const optimizer = adam(0.01);
const passKey = key(7);

const hiddenOf = (tokens: Value, seed: number, valid: Value | null | undefined) =>
  maskTokens(key(seed), tokens, { maskToken: 10, vocabulary: 10, rate: 0.4, valid });

const maskedKind: Kind = {
  name: "masked",
  init: initParams,
  loss: (config, params, tokens, seed, options) => {
    const { inputs, targets } = hiddenOf(tokens, seed, options.valid);
    return masked.loss(config, params as ReformerParams, inputs, targets, passKey, {
      ...options,
      labelSmoothing: 0.1,
    }).loss;
  },
  step: (config) => (state, tokens, seed, options) => {
    const { inputs, targets } = hiddenOf(tokens, seed, options.valid);
    const update = masked.lossAndUpdate(config, optimizer, { labelSmoothing: 0.1 });
    return update(state as UpdateState, inputs, targets, passKey, options);
  },
};

const labelsOf = (seed: number): Tensor => i32([batch], integers(seed, batch, 3));

const classifierKind = (pool: "first" | "mean", hidden: number | null): Kind => ({
  name: `classifier ${pool}`,
  init: (config, k) => classifier.init(config, { classes: 3, hidden }, k),
  loss: (config, params, tokens, seed, options) =>
    classifier.loss(
      config,
      params as classifier.ClassifierParams,
      tokens,
      labelsOf(seed),
      passKey,
      { ...options, pool, labelSmoothing: 0.2 },
    ).loss,
  step: (config) => (state, tokens, seed, options) => {
    const update = classifier.lossAndUpdate(config, optimizer, { pool, labelSmoothing: 0.2 });
    const given = state as Parameters<typeof update>[0];
    return update(given, tokens, labelsOf(seed), passKey, options);
  },
});

const answersOf = (seed: number, shift: number): spans.SpanLoss["logits"] => {
  const at = (salt: number): Tensor =>
    i32(
      [batch],
      integers(seed + salt, batch, 4).map((place) => place + shift),
    );
  return { start: at(0), end: at(1) };
};

const spanKind = (shift = 0): Kind => ({
  name: "spans",
  init: spans.init,
  loss: (config, params, tokens, seed, options) => {
    const answers = answersOf(seed, shift);
    return spans.loss(config, params as spans.SpanParams, tokens, answers, passKey, options).loss;
  },
  step: (config) => (state, tokens, seed, options) => {
    const update = spans.lossAndUpdate(config, optimizer);
    const given = state as Parameters<typeof update>[0];
    return update(given, tokens, answersOf(seed, shift), passKey, options);
  },
});

const kinds = [
  maskedKind,
  classifierKind("first", 5),
  classifierKind("mean", null),
  classifierKind("mean", 6),
  spanKind(),
];

const tokensOf = (seed: number, length: number): Tensor =>
  i32([batch, length], integers(seed, batch * length, 10));

describeBackends("outputs", (backend) => {
  const numRuns = backend === "reference" ? 1 : 2;

  it.each(kinds)("$name: chunks of the loss change nothing but roundings", ({ init, loss }) => {
    fc.assert(
      fc.property(fc.nat(1000), fc.constantFrom(1, 3, 5), (seed, lossChunk) => {
        const params = init(base, key(seed));
        const tokens = tokensOf(seed, 11);
        const lossOf = (config: ReformerConfig) =>
          valueAndGrad((p: ReformerParams<unknown>) => loss(config, p, tokens, seed, {}))(params);
        const [whole, dWhole] = lossOf(base);
        const [chunked, dChunked] = lossOf({ ...base, lossChunk });
        expectClose(
          chunked.dataSync(),
          whole.dataSync(),
          { relative: 1e-5, absolute: 1e-6 },
          "loss",
        );
        const others = tree.leaves<Tensor>(dWhole);
        tree.leaves<Tensor>(dChunked).forEach((leaf, i) => {
          expectCloseToLargest(leaf.words(), others[i].words(), 1e-4, tree.paths(dWhole)[i]);
        });
      }),
      { numRuns },
    );
  });

  it.each(kinds)("$name: layers updated in the sweep, as after the whole gradient", (kind) => {
    const config: ReformerConfig = { ...base, dropout: 0.1, attentionDropout: 0.1, lossChunk: 4 };
    const tokens = tokensOf(5, 12);
    const params = kind.init(config, key(1));
    const state = initUpdateState(optimizer, params);
    const lossOf = (p: ReformerParams<unknown>) =>
      kind.loss(config, p, tokens, 3, { mode: "training" });
    const plain = jit(({ params: p }: UpdateState<unknown>) => {
      const [value, gradient] = valueAndGrad(lossOf)(p);
      const [updates] = optimizer.update(gradient, optimizer.init(p), p);
      return { loss: value, params: applyUpdates(p, updates) };
    });
    const sweeping = jit((s: UpdateState<unknown>) => kind.step(config)(s, tokens, 3, {}));
    const expected = plain(state);
    const got = sweeping(state);
    expectSameBits(got.loss, expected.loss, "loss");
    const others = tree.leaves<Tensor>(expected.params);
    tree.leaves<Tensor>(got.state.params).forEach((leaf, i) => {
      expectSameBits(leaf, others[i], tree.paths(expected.params)[i]);
    });
  });
});

describeBackends("padding", (backend) => {
  const numRuns = backend === "reference" ? 1 : 2;
  const length = 9;

  /** Other tokens behind what `valid` calls real. */
  const padded = (tokens: Tensor, more: number, seed: number): readonly [Value, Value] => [
    np.concatenate([tokens, tokensOf(seed, more)], 1),
    np.concatenate([np.ones([batch, length], "i32"), np.zeros([batch, more], "i32")], 1),
  ];

  it.each([classifierKind("first", 5), classifierKind("mean", 6), spanKind()])(
    "$name: what stands in it changes nothing, on the right",
    ({ init, loss }) => {
      fc.assert(
        fc.property(fc.nat(1000), fc.integer({ min: 1, max: 9 }), (seed, more) => {
          const params = init(base, key(seed));
          const lossOf = (salt: number): Value => {
            const [tokens, valid] = padded(tokensOf(seed, length), more, seed + salt);
            return loss(base, params, tokens, seed, { valid });
          };
          expectSameBits(lossOf(1), lossOf(2), "loss");
        }),
        { numRuns },
      );
    },
  );

  it("a classifier takes the first real token", () => {
    const config: ReformerConfig = {
      ...base,
      layers: ["full"],
      positions: { kind: "learned", length: 16 },
    };
    const drawn = classifier.init(config, { classes: 3 }, key(0));
    // Without positions a text may stand anywhere.
    const params = { ...drawn, positions: { table: np.zeros([16, config.width]) } };
    const text = tokensOf(1, 6);
    const rest = tokensOf(2, 3);
    const [none, all] = [np.zeros([batch, 3], "i32"), np.ones([batch, 6], "i32")];
    const at = (tokens: Value, valid: Value): Value =>
      classifier.logits(config, params, tokens, passKey, { valid });
    const left = at(np.concatenate([rest, text], 1), np.concatenate([none, all], 1));
    const right = at(np.concatenate([text, rest], 1), np.concatenate([all, none], 1));
    const alone = classifier.logits(config, params, text, passKey);
    const near = { relative: 1e-5, absolute: 1e-5 };
    expectClose(left.dataSync(), right.dataSync(), near, "left");
    expectClose(alone.dataSync(), right.dataSync(), near, "alone");
  });

  it("an answer that was cut off, and one that is none, count nothing", () => {
    const params = spans.init(base, key(0));
    const tokens = tokensOf(4, 8);
    const lossOf = (start: number[], end: number[]): number =>
      spans
        .loss(base, params, tokens, { start: i32([2], start), end: i32([2], end) }, passKey)
        .loss.item();
    expect(lossOf([-1, 8], [9, -100])).toBe(0);
    const [first, second] = [lossOf([2, -1], [4, 8]), lossOf([-1, 3], [99, 5])];
    expect(lossOf([2, 3], [4, 5])).toBeCloseTo((first + second) / 2, 5);
  });

  it("no answer lies in padding, but by HuggingFace's convention", () => {
    const tokens = tokensOf(4, 8);
    const valid = i32([2, 8], [1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1]);
    const startOf = (config: ReformerConfig): readonly number[] =>
      Array.from(
        spans
          .logits(config, spans.init(config, key(0)), tokens, passKey, { valid })
          .start.dataSync(),
      );
    const marks = valid.dataSync();
    expect(startOf(base).every((logit, i) => logit > -1e29 === (marks[i] === 1))).toBe(true);
    expect(startOf({ ...base, conventions: "huggingface" }).every((x) => x > -1e29)).toBe(true);
  });

  it("a mask of the wrong kind is refused", () => {
    const causal: ReformerConfig = { ...base, mask: "causal" };
    const tokens = tokensOf(0, 8);
    const params = initParams(causal, key(0));
    expect(() => masked.logits(causal, params, tokens, passKey)).toThrow(
      /sees only earlier tokens/,
    );
    expect(() => masked.find(causal, params, tokens, tokens, passKey)).toThrow(/masked.find/);
    expect(() => masked.loss(causal, params, tokens, tokens, passKey)).toThrow(/masked.loss/);
    expect(() => masked.lossAndUpdate(causal, optimizer)).toThrow(/masked.lossAndUpdate/);
  });

  it("the likeliest tokens are those of the highest logits", () => {
    const config: ReformerConfig = { ...base, lossChunk: 3 };
    const params = initParams(config, key(2));
    const tokens = tokensOf(3, 7);
    const found = masked.find(config, params, tokens, tokens, passKey);
    const scores = masked.logits(config, params, tokens, passKey);
    expect(found.tokens.toArray()).toEqual(np.argmax(scores, 2).toArray());
    expect(found.losses.shape).toEqual([2, 7]);
  });
});
