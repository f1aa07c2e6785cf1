/** Where a count, a size, a length or a place stands, a fraction, NaN or (mostly) a negative number is an error that says so. */
import { expect, test } from "vitest";
import { ReformaxError, type Value } from "../../src/index.ts";
import * as lax from "../../src/lax/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import * as optim from "../../src/optim/index.ts";
import * as random from "../../src/random/index.ts";
import { describeBackends } from "../support/backends.ts";

const x = (): Value =>
  np.array([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
  ]);
const step = (c: Value): readonly [Value, null] => [np.add(c, 1), null];
const key = random.key(0);

type Call = (n: number) => unknown;

/** Functions of a count, and whether negative ones are errors too. */
const calls: readonly (readonly [string, Call, "natural" | "integer"])[] = [
  ["foriLoop upper", (n) => lax.foriLoop(0, n, (_, c) => np.add(c, 1), np.array(0)), "integer"],
  ["foriLoop lower", (n) => lax.foriLoop(n, 3, (_, c) => np.add(c, 1), np.array(0)), "integer"],
  [
    "foriLoop to a traced bound",
    (n) => lax.foriLoop(n, np.array(3, "i32"), (_, c) => np.add(c, 1), np.array(0)),
    "integer",
  ],
  ["scan length", (n) => lax.scan(step, np.array(0), null, { length: n }), "natural"],
  ["random.permutation", (n) => random.permutation(key, n), "natural"],
  ["random.split", (n) => random.split(key, n), "natural"],
  ["random.splitKeys", (n) => random.splitKeys(key, n), "natural"],
  ["random.bits", (n) => random.bits(key, [n]), "natural"],
  ["random.uniform", (n) => random.uniform(key, [n], 0, 2), "natural"],
  ["random.normal", (n) => random.normal(key, n), "natural"],
  ["random.randint", (n) => random.randint(key, [n], 0, 5), "natural"],
  ["random.bernoulli", (n) => random.bernoulli(key, 0.5, [n]), "natural"],
  ["random.categorical", (n) => random.categorical(key, np.array([0, 1]), -1, [n]), "natural"],
  ["random.foldIn", (n) => random.foldIn(key, n), "integer"],
  ["zeros", (n) => np.zeros([n]), "natural"],
  ["ones", (n) => np.ones([2, n]), "natural"],
  ["full", (n) => np.full(n, 1), "natural"],
  ["eye", (n) => np.eye(n), "natural"],
  ["eye columns", (n) => np.eye(2, n), "natural"],
  ["eye offset", (n) => np.eye(2, 2, n), "integer"],
  ["identity", (n) => np.identity(n), "natural"],
  ["tri", (n) => np.tri(n), "natural"],
  ["tril offset", (n) => np.tril(x(), n), "integer"],
  ["triu offset", (n) => np.triu(x(), n), "integer"],
  ["diag offset", (n) => np.diag(np.array([1, 2]), n), "integer"],
  ["diagonal offset", (n) => np.diagonal(x(), n), "integer"],
  ["trace offset", (n) => np.trace(x(), n), "integer"],
  ["linspace", (n) => np.linspace(0, 1, n), "natural"],
  ["repeat", (n) => np.repeat(x(), n), "natural"],
  ["tile", (n) => np.tile(x(), n), "natural"],
  ["tile along axes", (n) => np.tile(x(), [1, n]), "natural"],
  ["roll", (n) => np.roll(x(), n, 1), "integer"],
  ["diff order", (n) => np.diff(x(), n), "natural"],
  ["split into", (n) => np.split(x(), n, 1), "natural"],
  ["split at", (n) => np.split(x(), [n], 1), "integer"],
  ["index", (n) => np.index(x(), n), "integer"],
  ["slice start", (n) => np.index(x(), np.slice(n)), "integer"],
  ["slice stop", (n) => np.index(x(), np.slice(0, n)), "integer"],
  ["pad", (n) => np.pad(x(), n), "natural"],
  ["broadcastTo", (n) => np.broadcastTo(np.array(1), [n]), "natural"],
  ["reshape", (n) => np.reshape(x(), [n, 4]), "integer"],
  ["expandDims", (n) => np.expandDims(x(), n), "integer"],
  ["take", (n) => np.take(x(), n), "integer"],
  ["tensordot", (n) => np.tensordot(x(), np.transpose(x()), n), "natural"],
  ["cumsum axis", (n) => np.cumsum(x(), n), "integer"],
  ["lax.iota", (n) => lax.iota("i32", n), "natural"],
  ["lax.slice start", (n) => lax.slice(x(), [0, n], [2, 4]), "natural"],
  ["lax.slice limit", (n) => lax.slice(x(), [0, 0], [2, n]), "natural"],
  ["lax.slice stride", (n) => lax.slice(x(), [0, 0], [2, 4], [1, n]), "natural"],
  ["lax.sliceInDim", (n) => lax.sliceInDim(x(), n, 4, 1), "natural"],
  ["lax.dynamicSlice sizes", (n) => lax.dynamicSlice(x(), [0, 0], [1, n]), "natural"],
  ["lax.dynamicSlice starts", (n) => lax.dynamicSlice(x(), [0, n], [1, 1]), "integer"],
  ["lax.dynamicSliceInDim", (n) => lax.dynamicSliceInDim(x(), 0, n), "natural"],
  ["lax.dynamicIndexInDim", (n) => lax.dynamicIndexInDim(x(), n), "integer"],
  ["lax.pad low", (n) => lax.pad(x(), 0, [0, n], [0, 0]), "integer"],
  ["lax.pad interior", (n) => lax.pad(x(), 0, [0, 0], [0, 0], [0, n]), "natural"],
  ["lax.topK", (n) => lax.topK(x(), n), "natural"],
  ["lax.gather batchDims", (n) => lax.gather(x(), np.zeros([2, 1], "i32"), n), "natural"],
  ["lax.broadcastInDim", (n) => lax.broadcastInDim(np.array(1), [n], []), "natural"],
  ["lax.broadcastInDim axes", (n) => lax.broadcastInDim(np.array([1]), [1, 1], [n]), "natural"],
  ["lax.toFixed", (n) => lax.toFixed(1, n), "natural"],
  ["oneHot", (n) => nn.oneHot([0], n), "natural"],
  ["sinusoids", (n) => nn.sinusoids([0], n), "natural"],
  ["initializers", (n) => nn.initializers.normal(1)([n])(key), "natural"],
  [
    "glorot stacked axes",
    (n) => nn.initializers.glorotUniform({ stackedAxes: n })([2, 3, 4])(key),
    "natural",
  ],
  ["warmup", (n) => optim.warmup(n), "natural"],
  ["rsqrt", (n) => optim.rsqrt(n), "natural"],
  ["warmupRsqrt", (n) => optim.warmupRsqrt(n, 1), "natural"],
  ["cosine", (n) => optim.cosine(n), "natural"],
  ["cosineSawtooth", (n) => optim.cosineSawtooth(n), "natural"],
  ["linear", (n) => optim.linear(n, 1, 0), "natural"],
  ["piecewise", (n) => optim.piecewise([n], [1, 2]), "integer"],
  ["join", (n) => optim.join([n], [optim.constant(1), optim.constant(2)]), "integer"],
];

/** Numbers of steps may be shares of a run's: those may have fractions. */
const shares = new Set(["warmup", "rsqrt", "warmupRsqrt", "cosine", "cosineSawtooth", "linear"]);

describeBackends("counts", () => {
  test.each(calls)("%s", (name, call, kind) => {
    const fractions = shares.has(name) ? [] : [2.5, -1.5];
    const below = kind === "natural" ? [-1] : [];
    for (const n of [NaN, Infinity, ...fractions, ...below]) {
      expect(() => call(n), String(n)).toThrow(ReformaxError);
    }
  });
});
