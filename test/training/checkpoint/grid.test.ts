import fc from "fast-check";
import { expect, test } from "vitest";
import { roundToGrid } from "../../../src/training/checkpoint/grid.ts";

const list = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
  minLength: 1,
  maxLength: 40,
});
const shares = fc.double({ min: 0.001, max: 1, noNaN: true });

test("values move to the nearest multiple of a power of two near the share of their root mean square", () => {
  fc.assert(
    fc.property(list, shares, (numbers, share) => {
      const values = Float32Array.from(numbers);
      const rms = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
      const wanted = share * rms;
      fc.pre(wanted > 1e-30);
      const rounded = roundToGrid(values, share);
      // Between sqrt(1/2) and sqrt(2) of what was wanted; the next power of two is a step too far.
      const step = 2 ** Math.round(Math.log2(wanted));
      const steps = [step / 2, step, step * 2].filter(
        (each) => Math.abs(Math.log2(each / wanted)) <= 0.5 + 1e-9,
      );
      const fits = (each: number): boolean =>
        rounded.every((value, i) => {
          const multiple = value / each;
          return Number.isInteger(multiple) && Math.abs(value - values[i]) <= each / 2;
        });
      expect(steps.some(fits)).toBe(true);
    }),
  );
});

test("of two equally near multiples it is the even one, and zeros stay", () => {
  // Root mean square 1, so that a share of 1 is a step of 1.
  const values = Float32Array.of(0.5, 1.5, -0.5, -1.5, 0, Math.sqrt(6 - 5));
  const size = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
  expect([...roundToGrid(values, 1 / size)].map((value) => value + 0)).toEqual([0, 2, 0, -2, 0, 1]);
  expect([...roundToGrid(new Float32Array(3), 0.5)]).toEqual([0, 0, 0]);
});
