import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/init.ts";
import { bits, foldIn, key } from "../../src/random/index.ts";
import { runKeys } from "../../src/training/run-keys.ts";

beforeAll(() => init("reference"));

const words = (key: { words(): ArrayLike<number> }): string => Array.from(key.words()).join();

describe("run keys", () => {
  test("a function of seed and step", () => {
    const [first, again, other] = [runKeys(3), runKeys(3), runKeys(4)];
    expect(words(again.step(7))).toBe(words(first.step(7)));
    expect(again.words(7, 5)).toEqual(first.words(7, 5));
    expect(words(other.step(7))).not.toBe(words(first.step(7)));
    expect(other.words(7, 5)).not.toEqual(first.words(7, 5));
  });

  test("no two purposes or steps share a key", () => {
    const keys = runKeys(0);
    const steps = Array.from({ length: 20 }, (_, i) => keys.step(i));
    const all = [keys.base, keys.initial, keys.evaluation, ...steps].map(words);
    expect(new Set(all).size).toBe(all.length);
    const drawn = Array.from({ length: 20 }, (_, i) => keys.words(i, 3).join());
    expect(new Set(drawn).size).toBe(drawn.length);
  });

  test("computed on the host, they are what random's functions give", () => {
    const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(uint32, uint32, fc.nat(9), (seed, step, count) => {
        const keys = runKeys(seed);
        const stream = (n: number) => foldIn(key(seed), n);
        expect(keys.base.toArray()).toEqual(key(seed).toArray());
        expect(keys.initial.toArray()).toEqual(stream(0).toArray());
        expect(keys.step(step).toArray()).toEqual(foldIn(stream(1), step).toArray());
        const drawn = bits(foldIn(stream(2), step), [count]);
        expect([...keys.words(step, count)]).toEqual(drawn.toArray());
        expect(keys.evaluation.toArray()).toEqual(stream(3).toArray());
      }),
    );
  });
});
