/** Feed-forward blocks against what the published systems write down. */
import { expect, test } from "vitest";
import { init, jit, type Value } from "../../src/index.ts";
import { activations, dense, dropout, layerNorm } from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { foldIn, key, normal } from "../../src/random/index.ts";
import { feedForwardBlock, type FeedForwardParams } from "../../src/reformer/index.ts";
import type { FeedForwardOptions } from "../../src/reformer/blocks/feed-forward-block.ts";
import { expectCloseToLargest } from "../support/arrays.ts";

await init("reference");

const [rows, width, inner] = [5, 4, 6];
const drawn = (seed: number, shape: readonly number[]): Value => normal(key(seed), shape);
const paramsFor = (columns: number) => ({
  norm: { gamma: drawn(1, [width]), beta: drawn(2, [width]) },
  inner: { kernel: drawn(3, [width, columns]), bias: drawn(4, [columns]) },
  outer: { kernel: drawn(5, [inner, width]), bias: drawn(6, [width]) },
});
const x = drawn(7, [rows, width]);
const plain = { chunk: rows, activation: "silu", dropout: 0, normEpsilon: 1e-5 } as const;

const run = (options: FeedForwardOptions, params: FeedForwardParams, dropoutKey: Value | null) =>
  jit(() =>
    feedForwardBlock(options).apply(
      params,
      x,
      { shared: null, own: { dropoutKey } },
      np.array(0, "i32"),
    ),
  )();

test("gated as lucidrains' ff_glu: the activation of the first half times the second", () => {
  const params = paramsFor(2 * inner);
  const hidden = dense(params.inner, layerNorm(params.norm, x, { epsilon: 1e-5 }));
  const gate = np.take(hidden, np.arange(inner), 1);
  const signal = np.take(hidden, np.arange(inner, 2 * inner), 1);
  const expected = dense(params.outer, np.multiply(activations.silu(gate), signal));
  const ours = run({ ...plain, gated: true }, params, null);
  expectCloseToLargest(ours.dataSync(), expected.dataSync(), 1e-6, "gated");
});

test("drops inner features before the activation as trax and HuggingFace do, at a rate of its own", () => {
  const params = paramsFor(inner);
  const hidden = dense(params.inner, layerNorm(params.norm, x, { epsilon: 1e-5 }));
  const keys = foldIn(key(9), 0);
  const kept = dropout(foldIn(keys, 0), 0.5, hidden);
  const outer = dense(params.outer, activations.sigmoid(kept));
  const expected = dropout(foldIn(keys, 1), 0.1, outer);
  const options = { ...plain, activation: "sigmoid", dropout: 0.1, innerDropout: 0.5 } as const;
  const ours = run({ ...options, dropoutAt: "inner" }, params, key(9));
  expectCloseToLargest(ours.dataSync(), expected.dataSync(), 1e-6, "dropout before");
  const behind = run(options, params, key(9));
  expect(np.max(np.abs(np.subtract(ours, behind))).item()).toBeGreaterThan(0.01);
});
