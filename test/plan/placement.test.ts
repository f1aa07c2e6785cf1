import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { largestSum, placeBlocks, type Block } from "../../src/plan/placement.ts";

const block = fc
  .record({ start: fc.nat(60), length: fc.nat(12), units: fc.nat(300) })
  .map(({ start, length, units }): Block => ({ start, end: start + length, bytes: 16 * units }));

const overlapInTime = (a: Block, b: Block): boolean => a.start <= b.end && b.start <= a.end;

describe("placement", () => {
  it("never puts two blocks that live together over each other, and counts the exact total", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 60 }), (blocks) => {
        const { offsets, total, bound } = placeBlocks(blocks);
        const ends = blocks.map(({ bytes }, i) => offsets[i] + bytes);
        blocks.forEach((a, i) => {
          expect(offsets[i] % 16).toBe(0);
          for (let j = 0; j < i; j++) {
            if (!overlapInTime(a, blocks[j]) || a.bytes === 0 || blocks[j].bytes === 0) continue;
            expect(ends[j] <= offsets[i] || ends[i] <= offsets[j]).toBe(true);
          }
        });
        expect(total).toBe(Math.max(0, ...ends.filter((_, i) => blocks[i].bytes > 0)));
        expect(total).toBeGreaterThanOrEqual(bound);
      }),
    );
  });

  it("has a bound that is the largest sum over all moments", () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 20 }), (blocks) => {
        const sums = Array.from({ length: 80 }, (_, time) =>
          blocks
            .filter(({ start, end }) => start <= time && time <= end)
            .reduce((sum, { bytes }) => sum + bytes, 0),
        );
        expect(largestSum(blocks)).toBe(Math.max(0, ...sums));
      }),
    );
  });

  it("stays close to the bound, which not every set of blocks can reach", () => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 100 }), (blocks) => {
        const { total, bound } = placeBlocks(blocks);
        expect(total).toBeLessThanOrEqual(1.15 * bound);
      }),
      { numRuns: 300 },
    );
  });
});
