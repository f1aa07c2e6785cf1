import { beforeAll, describe, expect, test } from "vitest";
import { init } from "../../src/init.ts";
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
});
