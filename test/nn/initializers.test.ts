import { pipe } from "fp-ts/lib/function.js";
import * as State from "fp-ts/lib/State.js";
import { expect, test } from "vitest";
import type { Value } from "../../src/index.ts";
import {
  initAxialPositions,
  initDense,
  initEmbedding,
  initializers,
  initLayerNorm,
} from "../../src/nn/index.ts";
import { key, split } from "../../src/random/index.ts";
import { expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

const deviation = (x: Value): number => {
  const squares = Array.from(x.dataSync(), (value) => value * value);
  return Math.sqrt(squares.reduce((total, square) => total + square, 0) / squares.length);
};

describeBackends("initializers", () => {
  test.each<[string, initializers.Initializer, number, number]>([
    ["normal", initializers.normal(0.02), 0.02, Infinity],
    ["uniform", initializers.uniform(0.3), 0.3 / Math.sqrt(3), 0.3],
    ["glorotUniform", initializers.glorotUniform(), Math.sqrt(2 / 300), Math.sqrt(6 / 300)],
    ["lecunNormal", initializers.lecunNormal(), 0.1, 2 * (0.1 / 0.8796)],
  ])("%s has its deviation and bound", (_name, initializer, expected, bound) => {
    const [weights] = initializer([100, 200])(key(1));
    expect(weights.shape).toEqual([100, 200]);
    expect(Math.abs(deviation(weights) / expected - 1)).toBeLessThan(0.02);
    expect(weights.dataSync().every((value) => Math.abs(value) <= bound)).toBe(true);
  });

  test("stacked kernels have the fans of one", () => {
    const [stacked] = initializers.glorotUniform({ stackedAxes: 1 })([7, 30, 20])(key(2));
    const limit = Math.sqrt(6 / 50);
    const largest = Math.max(...stacked.dataSync().map(Math.abs));
    expect(largest).toBeLessThanOrEqual(limit);
    expect(largest).toBeGreaterThan(0.99 * limit);
    expect(() => initializers.lecunNormal({ stackedAxes: 1 })([3, 4])).toThrow("two axes");
  });

  test("a chain uses every key once", () => {
    const twice = pipe(
      initializers.normal(1)([3]),
      State.chain((first) =>
        pipe(
          initializers.normal(1)([3]),
          State.map((second) => ({ first, second })),
        ),
      ),
    );
    const [{ first, second }, rest] = twice(key(0));
    expect(first.toArray()).not.toEqual(second.toArray());
    const [afterFirst, firstKey] = split(key(0));
    const [afterSecond, secondKey] = split(afterFirst);
    expectSameBits(rest, afterSecond, "key that is left");
    expectSameBits(second, initializers.normal(1)([3])(afterFirst)[0], "second draw");
    expect(firstKey.toArray()).not.toEqual(secondKey.toArray());
    expectSameBits(initializers.zeros([2])(key(5))[1], key(5), "zeros take nothing");
  });

  test("parameters of layers", () => {
    const [dense] = initDense(3, 4)(key(0));
    expect([dense.kernel.shape, dense.bias?.toArray()]).toEqual([
      [3, 4],
      [0, 0, 0, 0],
    ]);
    expect(initDense(3, 4, { bias: null })(key(0))[0].bias).toBeUndefined();
    expect(initEmbedding(5, 2, initializers.ones)(key(0))[0].table.toArray()).toEqual(
      Array.from({ length: 5 }, () => [1, 1]),
    );
    const [norm, rest] = initLayerNorm(2)(key(3));
    expect([norm.gamma.toArray(), norm.beta.toArray(), rest.toArray()]).toEqual([
      [1, 1],
      [0, 0],
      [0, 3],
    ]);
    const [{ tables }] = initAxialPositions([2, 3], [4, 4])(key(0));
    expect(tables.map((table) => table.shape)).toEqual([
      [2, 4],
      [3, 4],
    ]);
    expect(tables[0].toArray()).not.toEqual((tables[1].toArray() as number[][]).slice(0, 2));
  });
});
