import { expect, test } from "vitest";
import fc from "fast-check";
import { floorDivide, remainder, type ArrayLike } from "../../src/numpy/index.ts";
import { f32, i32, u32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

const numbers = (x: readonly number[]): ArrayLike => f32([x.length], x);

describeBackends("floorDivide and remainder", () => {
  test("of f32 agree where the quotient rounds up to an integer", () => {
    const [x, y] = [
      [1, 6, 1, -1, Infinity, -Infinity, 1, -1, 0],
      [0.1, 0.1, -Infinity, Infinity, 1, 1, 0, 0, 0],
    ];
    // As numpy gives for float32.
    expect([...floorDivide(numbers(x), numbers(y)).dataSync()]).toEqual([
      9,
      59,
      -1,
      -1,
      NaN,
      NaN,
      Infinity,
      -Infinity,
      NaN,
    ]);
  });

  test("x = y floorDivide(x, y) + remainder(x, y), in f32", () => {
    const eighths = fc.integer({ min: -4096, max: 4096 }).map((n) => n / 8);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(eighths, eighths), { minLength: 1, maxLength: 20 }),
        (pairs) => {
          const [x, y] = [0, 1].map((i) => pairs.map((pair) => pair[i] || 1));
          const quotients = floorDivide(numbers(x), numbers(y)).dataSync();
          const rests = remainder(numbers(x), numbers(y)).dataSync();
          x.forEach((value, i) => {
            // -0 is as good as 0.
            expect(quotients[i] === Math.floor(value / y[i])).toBe(true);
            expect(y[i] * quotients[i] + rests[i] === value).toBe(true);
          });
        },
      ),
      { numRuns: 40 },
    );
  });

  test("of integers by 0", () => {
    const [x, zero] = [i32([3], [7, 0, -7]), i32([3], [0, 0, 0])];
    expect(floorDivide(x, zero).toArray()).toEqual([-2, -1, -2]);
    expect(remainder(x, zero).toArray()).toEqual([0, 0, 0]);
    expect(remainder(u32([2], [7, 0]), u32([2], [0, 0])).toArray()).toEqual([0, 0]);
    expect(floorDivide(i32([2], [7, -7]), -2).toArray()).toEqual([-4, 3]);
  });
});
