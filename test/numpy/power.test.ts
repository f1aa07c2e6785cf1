import { expect, test } from "vitest";
import fc from "fast-check";
import { grad, jit, jvp, vmap, type Value } from "../../src/index.ts";
import { array, power, reciprocal, sum } from "../../src/numpy/index.ts";
import { f32, i32, u32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

describeBackends("power", () => {
  test("of integers is an integer", () => {
    const result = power(i32([], [3]), i32([], [19]));
    expect([result.dtype, result.item()]).toEqual(["i32", 1162261467]);
    expect(power(2, i32([3], [1, 2, 30])).toArray()).toEqual([2, 4, 1073741824]);
    expect(power(i32([2], [3, -1]), 101).toArray()).toEqual([
      Number(BigInt.asIntN(32, 3n ** 101n)),
      -1,
    ]);
    expect(power(array([true, false]), array([true, true])).dtype).toBe("i32");
    expect(power(u32([1], [3]), u32([1], [21])).toArray()).toEqual([1870418611]);
  });

  test("of integers wraps, over all bits of the exponent", () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(word, fc.integer({ min: 0, max: 400 }), (x, y) => {
        const exact = Number(BigInt.asIntN(32, BigInt(x) ** BigInt(y)));
        expect(power(i32([], [x]), i32([], [y])).item()).toBe(exact);
      }),
      { numRuns: 30 },
    );
  });

  test("of integers to negative ones is 0, but for units", () => {
    const bases = i32([6], [2, 1, -1, -1, 0, -7]);
    expect(power(bases, i32([6], [-1, -1, -1, -2, -1, -3])).toArray()).toEqual([0, 1, -1, 1, 0, 0]);
  });

  test("under jit and vmap is the same", () => {
    const [x, y] = [i32([3], [2, 3, -2]), i32([3], [3, 2, 5])];
    for (const f of [power, jit(power), vmap(power)] as ((x: Value, y: Value) => Value)[]) {
      expect(f(x, y).toArray()).toEqual([8, 9, -32]);
    }
  });

  test("has a symmetric Hessian where the exponent is 0", () => {
    const byBoth = grad((y: Value) => grad((x: Value) => power(x, y))(array(2)))(array(0));
    expect(byBoth.item()).toBe(0.5);
    const other = grad((x: Value) => grad((y: Value) => power(x, y))(array(0)))(array(2));
    expect(other.item()).toBe(0.5);
  });

  test("has slope 0 at 0^0, and the right second derivatives at 0", () => {
    const second = (n: number): number =>
      grad((x: Value) => grad((z: Value) => power(z, array(n)))(x))(array(0)).item();
    expect(grad((x: Value) => power(x, array(0)))(array(0)).item()).toBe(0);
    expect([1, 2, 3].map(second)).toEqual([0, 2, 0]);
  });

  test("of negative whole numbers is infinitely steep at 0, in both modes", () => {
    for (const n of [-1, -2, -3]) {
      const slope = grad((x: Value) => power(x, n))(array(0)).item();
      expect(slope, `slope of x^${n}`).toBe(-Infinity);
      expect(jvp((x: Value) => power(x, n), [array(0)], [array(1)])[1].item()).toBe(-Infinity);
    }
    expect(grad((x: Value) => sum(reciprocal(x)))(f32([2], [0, 2])).toArray()).toEqual([
      -Infinity,
      -0.25,
    ]);
    const curvature = grad((x: Value) => grad((z: Value) => power(z, -2))(x));
    expect([0, 2, -1].map((x) => curvature(array(x)).item())).toEqual([Infinity, 0.375, 6]);
  });
});
