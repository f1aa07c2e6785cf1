import fc from "fast-check";
import { expect, it } from "vitest";
import { combine, largest, smallest } from "../../experiments/frame/extremes.ts";
import { formatDifference, pairedDifference } from "../../experiments/frame/paired.ts";

it("bounds a mean difference as Student's t does", () => {
  // scipy.stats.ttest_rel([3.1, 3.3, 3.2], [3.0, 3.1, 3.15]).confidence_interval(0.9)
  const found = pairedDifference([3.1, 3.3, 3.2], [3.0, 3.1, 3.15]);
  expect(found?.mean).toBeCloseTo(0.116667, 5);
  expect(found?.lower).toBeCloseTo(-0.0121, 3);
  expect(found?.upper).toBeCloseTo(0.2454, 3);
});

it("what all of a seed have in common falls out", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.double({ min: -1, max: 1, noNaN: true }),
          fc.double({ min: -1, max: 1, noNaN: true }),
          fc.double({ min: -100, max: 100, noNaN: true }),
        ),
        { minLength: 2, maxLength: 20 },
      ),
      (rows) => {
        const plain = pairedDifference(
          rows.map(([a]) => a),
          rows.map(([, b]) => b),
        );
        const shifted = pairedDifference(
          rows.map(([a, , common]) => a + common),
          rows.map(([, b, common]) => b + common),
        );
        expect(shifted?.mean).toBeCloseTo(plain?.mean ?? NaN, 9);
        expect(shifted?.upper).toBeCloseTo(plain?.upper ?? NaN, 9);
        expect(plain?.lower).toBeLessThanOrEqual(plain?.mean ?? NaN);
      },
    ),
  );
});

it("one seed proves nothing, and seeds that lack their partner are not compared", () => {
  expect(pairedDifference([2], [1])).toMatchObject({ mean: 1, lower: -Infinity, upper: Infinity });
  expect(formatDifference(pairedDifference([2], [1]), 2)).toBe("+1.00, one seed");
  expect(formatDifference(pairedDifference([1, 2], [2, 2]), 1)).toBe("-0.5 ± 0.7");
  expect(pairedDifference([1, 2], [1])).toBeUndefined();
  expect(pairedDifference([], [])).toBeUndefined();
});

it("what is missing makes what is computed from it missing", () => {
  expect([largest([1, 3, 2]), smallest([1, 3, 2]), combine(1, 2, (a, b) => a - b)]).toEqual([
    3, 1, -1,
  ]);
  expect([largest([1, undefined]), smallest([undefined]), combine(1, undefined, Math.max)]).toEqual(
    [undefined, undefined, undefined],
  );
});
