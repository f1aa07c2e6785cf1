/** Integers: JAX's own where they are even, and even where JAX's are not. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { jit, vmap, type Value } from "../../src/index.ts";
import { bits, key, randint, split, splitKeys } from "../../src/random/index.ts";
import golden from "../golden/jax/randint.json" with { type: "json" };
import { i32, u32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

describeBackends("randint", () => {
  test.each(golden)("of seed $seed from $low below $high, $dtype, is JAX's", (entry) => {
    const { seed, low, high, out } = entry;
    const dtype = entry.dtype === "u32" ? "u32" : "i32";
    const array = (n: number): Value => (dtype === "u32" ? u32([], [n]) : i32([], [n]));
    expect([...randint(key(seed), [5], low, high, dtype).dataSync()]).toEqual(out);
    // Bounds that are arrays, of which only the backend knows how far JAX would be off.
    expect([...randint(key(seed), [5], array(low), array(high), dtype).dataSync()]).toEqual(out);
  });

  test("otherwise it is the remainder of 64 random bits", () => {
    const exact = (seed: number, span: number): number[] => {
      const [higher, lower] = split(key(seed)).map((half) => bits(half, [8]).dataSync());
      return Array.from(higher, (word, i) =>
        Number(((BigInt(word) << 32n) | BigInt(lower[i])) % BigInt(span)),
      );
    };
    const isUneven = (span: number): boolean => 2 ** 32 % span > 2 ** 20;
    const spans = fc.integer({ min: 2 ** 20, max: 2 ** 32 - 1 }).filter(isUneven);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1000 }), spans, (seed, span) => {
        const expected = exact(seed, span);
        expect([...randint(key(seed), [8], 0, span, "u32").dataSync()]).toEqual(expected);
        expect([...randint(key(seed), [8], 0, u32([], [span]), "u32").dataSync()]).toEqual(
          expected,
        );
      }),
      { numRuns: 20 },
    );
  });

  test("is the same under jit and vmap", () => {
    const draw = (k: Value): Value => randint(k, [4], 0, 3 * 2 ** 30, "u32");
    const keys = splitKeys(key(1), 3);
    const each = [0, 1, 2].map((i) => [...draw(split(key(1), 3)[i]).dataSync()]);
    expect(vmap(draw)(keys).toArray()).toEqual(each);
    expect(jit(vmap(draw))(keys).toArray()).toEqual(each);
  });
});

/** Chi-square of counts that should be equal. */
const chiSquare = (counts: readonly number[]): number => {
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length;
  return counts.reduce((sum, n) => sum + (n - mean) ** 2 / mean, 0);
};

describeBackends("evenness of randint", (backend) => {
  const count = backend === "reference" ? 20_000 : 200_000;

  test.each([6, 1200, 3 * 2 ** 30, 1_000_000_000, 2 ** 32 - 5, 3 * 2 ** 22])("below %d", (span) => {
    const numbers = randint(key(0), [count], 0, span, "u32").dataSync();
    const cells = 6;
    const counts = new Array<number>(cells).fill(0);
    for (const n of numbers) counts[Math.floor((n / span) * cells)] += 1;
    // One of 10,000 even draws is beyond it at 5 degrees of freedom.
    expect(chiSquare(counts)).toBeLessThan(25.7);
  });
});
