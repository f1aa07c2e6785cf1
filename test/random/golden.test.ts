/**
 * JAX's own numbers. The golden file holds literal values of JAX's tests and documentation, and values of an
 * independent NumPy implementation that reproduces them ("partitionable" is today's layout, "original" the one before).
 */
import { describe, expect, test } from "vitest";
import type { Value } from "../../src/core/value.ts";
import { array, equal, sum } from "../../src/numpy/index.ts";
import { bits, foldIn, key, normal, split, splitKeys, uniform } from "../../src/random/index.ts";
import {
  exponentialFromBits,
  gumbelFromBits,
  laplaceFromBits,
  logisticFromBits,
} from "../../src/random/continuous.ts";
import { bernoulliFromBits } from "../../src/random/discrete.ts";
import { randintFromBits } from "../../src/random/randint.ts";
import { normalFromBits, truncatedNormalFromBits } from "../../src/random/normal.ts";
import { uniformFromBits } from "../../src/random/uniform.ts";
import golden from "../golden/jax-random.json" with { type: "json" };
import { expectClose } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { threefry2x32 } from "../oracles/threefry.ts";

type Nested = number | readonly Nested[];
const flat = (values: Nested): number[] =>
  typeof values === "number" ? [values] : values.flatMap(flat);

const { partitionable, original } = golden;

describeBackends("JAX's partitionable streams", () => {
  test.each(partitionable.bits)("bits of seed $seed, shape $shape", ({ seed, shape, out }) => {
    const words = bits(key(seed), shape);
    expect(words.shape).toEqual(shape);
    expect([...words.dataSync()]).toEqual(flat(out));
  });

  test.each(partitionable.split)("split of seed $seed into $n", ({ seed, n, out }) => {
    expect(split(key(seed), n).map((child) => child.toArray())).toEqual(out);
    expect(splitKeys(key(seed), n).toArray()).toEqual(out);
  });

  test.each(partitionable.foldIn)("foldIn of $data into seed $seed", ({ seed, data, out }) => {
    expect(foldIn(key(seed), data).toArray()).toEqual(out);
    expect(foldIn(key(seed), arrayOf(data)).toArray()).toEqual(out);
  });

  test.each(partitionable.uniform)("uniform of seed $seed, shape $shape", (entry) => {
    const values = uniform(key(entry.seed), entry.shape).dataSync();
    if (entry.source === "derived") expect([...values]).toEqual(flat(entry.out));
    else
      expectClose(
        values,
        flat(entry.out),
        { absolute: entry.tolerance ?? 0, relative: 0 },
        "uniform",
      );
  });

  test.each(partitionable.normal)("normal of seed $seed, shape $shape", (entry) => {
    const values = normal(key(entry.seed), entry.shape).dataSync();
    expectClose(
      values,
      flat(entry.out),
      { absolute: entry.tolerance ?? 2e-6, relative: 0 },
      "normal",
    );
  });
});

/** A rank-0 u32 array, as a traced counter would be. */
const arrayOf = (data: number): Value => array(data, "u32");

/** JAX's layout before: counters 0 .. n - 1 in two halves, one block per pair. */
function originalWords(keyWords: readonly [number, number], count: number): number[] {
  const half = Math.ceil(count / 2);
  const blocks = Array.from({ length: half }, (_, i) => {
    const second = i + half < count ? i + half : 0;
    return threefry2x32(keyWords, [i, second]);
  });
  return [...blocks.map(([first]) => first), ...blocks.map(([, second]) => second)].slice(0, count);
}

const wordsOfSeed = (seed: number, count = 5): Value =>
  array(new Uint32Array(originalWords([0, seed], count)));

describe("the test's own original layout", () => {
  test.each(original.bits)("bits of seed $seed", ({ seed, shape, out }) => {
    expect(originalWords([0, seed], shape[0])).toEqual(out);
  });

  test.each(original.split)("split of seed $seed", ({ seed, n, out }) => {
    expect(originalWords([0, seed], 2 * n)).toEqual(out.flat());
  });
});

describeBackends("distributions from JAX's original bits", () => {
  const { distributions } = original;
  const close = { absolute: 2e-6, relative: 2e-6 };

  test.each(original.uniform)("uniform of seed $seed", ({ seed, out }) => {
    expectClose(uniformFromBits(wordsOfSeed(seed), 0, 1).dataSync(), out, close, "uniform");
  });

  test.each(original.normal)("normal of seed $seed", ({ seed, out }) => {
    expectClose(normalFromBits(wordsOfSeed(seed)).dataSync(), out, close, "normal");
  });

  test.each([
    ["gumbel", gumbelFromBits, distributions.gumbel],
    ["exponential", exponentialFromBits, distributions.exponential],
    ["laplace", laplaceFromBits, distributions.laplace],
    ["logistic", logisticFromBits, distributions.logistic],
    [
      "truncated normal",
      (words: Value) => truncatedNormalFromBits(words, 0, 2),
      distributions.truncated_normal,
    ],
  ] as const)("%s", (name, sample, { seed, out }) => {
    expectClose(sample(wordsOfSeed(seed)).dataSync(), out, close, name);
  });

  test("bernoulli and rademacher", () => {
    const half = array(0.5);
    const { bernoulli, rademacher } = distributions;
    expect(bernoulliFromBits(wordsOfSeed(bernoulli.seed), half).toArray()).toEqual(bernoulli.out);
    const positive = bernoulliFromBits(wordsOfSeed(rademacher.seed), half);
    expect(
      sum(
        equal(
          positive,
          rademacher.out.map((sign) => sign === 1),
        ),
      ).item(),
    ).toBe(5);
  });

  test("randint", () => {
    const { seed, minval, maxval, out } = distributions.randint;
    const halves = originalWords([0, seed], 4);
    const [higher, lower] = [halves.slice(0, 2), halves.slice(2)].map(([a, b]) =>
      array(new Uint32Array(originalWords([a, b], 5))),
    );
    const bounds = [minval, maxval].map((bound) => array(Array(5).fill(bound), "i32"));
    expect(randintFromBits(higher, lower, bounds[0], bounds[1]).toArray()).toEqual(out);
  });
});
