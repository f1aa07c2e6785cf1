import { expect, test } from "vitest";
import { jit, vmap, type Value } from "../../src/index.ts";
import { array, index, sort } from "../../src/numpy/index.ts";
import * as random from "../../src/random/index.ts";
import { expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

const { key } = random;
const mean = (x: ArrayLike<number>): number => Array.from(x).reduce((a, b) => a + b, 0) / x.length;
const variance = (x: ArrayLike<number>): number => {
  const centre = mean(x);
  return mean(Array.from(x, (value) => (value - centre) ** 2));
};
const count = 20000;

describeBackends("keys", () => {
  test("the words of the seed", () => {
    expect(key(5).toArray()).toEqual([0, 5]);
    expect(key(-1).toArray()).toEqual([2 ** 32 - 1, 2 ** 32 - 1]);
    expect(key(2 ** 33 + 7).toArray()).toEqual([2, 7]);
    expect(key(0x123456789abcdefn).toArray()).toEqual([0x1234567, 0x89abcdef]);
    expect(key(array(9, "i32")).toArray()).toEqual([0, 9]);
    expect(() => key(0.5)).toThrow("integer");
    expect(() => key(2 ** 60)).toThrow("bigint");
  });

  test("what is not a key", () => {
    expect(() => random.bits(array([1, 2]))).toThrow("expected u32[2]");
    expect(() => random.uniform(random.splitKeys(key(0), 2))).toThrow("vmap");
    expect(() => random.foldIn(key(0), 0.5)).toThrow("32 bits");
    expect(() => random.foldIn(key(0), 2 ** 32)).toThrow("32 bits");
  });

  test("split in several axes is the flat split", () => {
    const flat = random.splitKeys(key(3), 6);
    expect([...random.splitKeys(key(3), [2, 3]).dataSync()]).toEqual([...flat.dataSync()]);
    expect(random.splitKeys(key(3), [2, 3]).shape).toEqual([2, 3, 2]);
  });

  test("a traced counter folds in as a number does", () => {
    const folded = jit((i: Value) => random.foldIn(key(1), i));
    expect(folded(array(7, "i32")).toArray()).toEqual(random.foldIn(key(1), 7).toArray());
    expect(random.foldIn(key(1), -1).toArray()).toEqual(
      random.foldIn(key(1), 2 ** 32 - 1).toArray(),
    );
  });

  test("mapping over keys, and compiling, draw the same numbers", () => {
    const keys = random.splitKeys(key(4), 3);
    const draw = (k: Value): Value => random.normal(k, [5]);
    const mapped = vmap(draw)(keys);
    for (const i of [0, 1, 2]) expectSameBits(index(mapped, i), draw(index(keys, i)), `key ${i}`);
    expectSameBits(jit(draw)(key(8)), draw(key(8)), "jit");
  });
});

describeBackends("distributions", () => {
  test.each<[string, (k: Value) => Value, number, number]>([
    ["uniform", (k) => random.uniform(k, [count], -1, 3), 1, 16 / 12],
    ["normal", (k) => random.normal(k, [count]), 0, 1],
    ["exponential", (k) => random.exponential(k, [count]), 1, 1],
    ["gumbel", (k) => random.gumbel(k, [count]), 0.5772, Math.PI ** 2 / 6],
    ["laplace", (k) => random.laplace(k, [count]), 0, 2],
    ["logistic", (k) => random.logistic(k, [count]), 0, Math.PI ** 2 / 3],
    ["bernoulli", (k) => random.bernoulli(k, 0.3, [count]), 0.3, 0.21],
    ["rademacher", (k) => random.rademacher(k, [count]), 0, 1],
    ["randint", (k) => random.randint(k, [count], -3, 4), 0, 4],
  ])("%s has its mean and variance", (_name, sample, expectedMean, expectedVariance) => {
    const values = sample(key(11)).dataSync();
    expect(Math.abs(mean(values) - expectedMean)).toBeLessThan(
      5 * Math.sqrt(expectedVariance / count),
    );
    expect(Math.abs(variance(values) / expectedVariance - 1)).toBeLessThan(0.1);
  });

  test("uniform stays within its bounds, which may be arrays", () => {
    const x = random.uniform(key(0), [count], 5, 5.0000005).dataSync();
    expect(x.every((value) => value >= 5)).toBe(true);
    const rows = random.uniform(key(0), [1000, 2], [0, 10], [1, 20]).dataSync();
    expect(rows.every((value, i) => (i % 2 === 0 ? value < 1 : value >= 10 && value < 20))).toBe(
      true,
    );
  });

  test("truncated normal is open at its bounds", () => {
    const x = random.truncatedNormal(key(0), -0.5, 0.25, [count]).dataSync();
    expect(x.every((value) => value > -0.5 && value < 0.25)).toBe(true);
    const narrow = random.truncatedNormal(key(0), 0, 1e-3, [1000]).dataSync();
    expect(narrow.every((value) => value > 0 && value < 1e-3)).toBe(true);
  });

  test("randint covers its range evenly, up to all words", () => {
    const rolls = random.randint(key(5), [count], 1, 7).dataSync();
    for (let face = 1; face <= 6; face++) {
      const share = rolls.filter((roll) => roll === face).length / count;
      expect(Math.abs(share - 1 / 6)).toBeLessThan(0.015);
    }
    expect(random.randint(key(5), [3], 4, 4).toArray()).toEqual([4, 4, 4]);
    const wide = random.randint(key(5), [1000], -(2 ** 31), 2 ** 31 - 1).dataSync();
    expect(wide.filter((value) => value < 0).length).toBeGreaterThan(400);
    const unsigned = random.randint(key(5), [1000], 0, 2 ** 32 - 1, "u32");
    expect(unsigned.dtype).toBe("u32");
    expect(unsigned.dataSync().filter((value) => value >= 2 ** 31).length).toBeGreaterThan(400);
  });

  test("categorical draws with the softmax of the logits", () => {
    const draws = random.categorical(key(2), [0, Math.log(3), -Infinity], -1, [count]).dataSync();
    expect(draws.every((i) => i === 0 || i === 1)).toBe(true);
    expect(Math.abs(mean(draws) - 0.75)).toBeLessThan(0.015);
    const columns = array([
      [0, -Infinity],
      [-Infinity, 0],
    ]);
    expect(random.categorical(key(2), columns, 0).toArray()).toEqual([0, 1]);
    expect(random.categorical(key(2), columns, -1, [4, 2]).toArray()).toEqual(
      Array.from({ length: 4 }, () => [0, 1]),
    );
    expect(() => random.categorical(key(2), columns, -1, [3])).toThrow("broadcast");
  });
});

describeBackends("permutation", () => {
  test("sorts by fresh words in JAX's number of rounds", () => {
    const n = 2000; // two rounds: n^3 is above 2^32
    let order = Array.from({ length: n }, (_, i) => i);
    let rest = key(6);
    for (let round = 0; round < 2; round++) {
      const [next, own] = random.split(rest);
      const words = random.bits(own, [n]).dataSync();
      const by = order.map((value, i) => ({ value, word: words[i] }));
      order = by.sort((a, b) => a.word - b.word).map(({ value }) => value);
      rest = next;
    }
    expect(random.permutation(key(6), n).toArray()).toEqual(order);
  });

  test("moves whole slices, or each vector by itself", () => {
    const x = array([
      [0, 1],
      [2, 3],
      [4, 5],
      [6, 7],
    ]);
    const rows = random.permutation(key(1), x).toArray() as number[][];
    expect(rows.toSorted((a, b) => a[0] - b[0])).toEqual(x.toArray());
    const free = random.permutation(key(1), x, 0, { independent: true });
    expect(sort(free, 0).toArray()).toEqual(x.toArray());
    expect(random.permutation(key(1), [5]).toArray()).toEqual([5]);
    expect(random.permutation(key(1), 0).shape).toEqual([0]);
  });
});
