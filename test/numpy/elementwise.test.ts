import fc from "fast-check";
import { expect, test } from "vitest";
import * as np from "../../src/numpy/index.ts";
import { broadcastShapes, type Shape } from "../../src/core/shape.ts";
import type { Value } from "../../src/core/value.ts";
import { describeBackends } from "../support/backends.ts";
import { expectClose } from "../support/arrays.ts";
import { counting, expectElements, reader } from "../support/grid.ts";

type Unary = (x: Float32Array) => ReturnType<typeof np.exp>;

const samples = Float32Array.from([-3.5, -1.25, -0.5, -0.01, 0.01, 0.25, 0.75, 1, 2.5, 4]);
const positive = samples.filter((x) => x > 0);
const unit = Float32Array.from([-0.99, -0.5, -0.01, 0, 0.3, 0.999]);

describeBackends("unary functions", () => {
  test.each<[string, Unary, (x: number) => number, Float32Array]>([
    ["abs", np.abs, Math.abs, samples],
    ["negative", np.negative, (x) => -x, samples],
    ["sign", np.sign, Math.sign, samples],
    ["floor", np.floor, Math.floor, samples],
    ["ceil", np.ceil, Math.ceil, samples],
    ["trunc", np.trunc, Math.trunc, samples],
    ["exp", np.exp, Math.exp, samples],
    ["exp2", np.exp2, (x) => 2 ** x, samples],
    ["expm1", np.expm1, Math.expm1, samples],
    ["log", np.log, Math.log, positive],
    ["log1p", np.log1p, Math.log1p, positive],
    ["log2", np.log2, Math.log2, positive],
    ["log10", np.log10, Math.log10, positive],
    ["sqrt", np.sqrt, Math.sqrt, positive],
    ["reciprocal", np.reciprocal, (x) => 1 / x, samples],
    ["square", np.square, (x) => x * x, samples],
    ["sin", np.sin, Math.sin, samples],
    ["cos", np.cos, Math.cos, samples],
    ["tan", np.tan, Math.tan, samples],
    ["arcsin", np.arcsin, Math.asin, unit],
    ["arccos", np.arccos, Math.acos, unit],
    ["arctan", np.arctan, Math.atan, samples],
    ["sinh", np.sinh, Math.sinh, samples],
    ["cosh", np.cosh, Math.cosh, samples],
    ["tanh", np.tanh, Math.tanh, samples],
  ])("%s", (name, f, expected, x) => {
    const result = f(x);
    expect(result.dtype).toBe("f32");
    expectClose(
      result.dataSync(),
      Array.from(x, expected),
      { absolute: 2e-7, relative: 2e-6 },
      name,
    );
  });

  test("beyond 2^26, where neighbours are a period apart, sines are some number of the range", () => {
    const far = Float32Array.of(2 ** 27, 1e12, 1e30, 3.4e38, -1e12);
    for (const f of [np.sin, np.cos])
      for (const y of f(far).dataSync()) expect(Math.abs(y)).toBeLessThanOrEqual(1);
    expect(np.negative(np.sin(far)).dataSync()).toEqual(np.sin(np.negative(far)).dataSync());
  });

  test("round halves to even", () => {
    expect(np.round([0.5, 1.5, 2.5, -0.5, -1.5, 2.4]).dataSync()).toEqual(
      Float32Array.from([0, 2, 2, -0, -2, 2]),
    );
  });

  test("integers: rounding leaves them, functions make f32", () => {
    const x = np.array([-3, 4], "i32");
    for (const f of [np.floor, np.ceil, np.round, np.trunc]) expect(f(x).dtype).toBe("i32");
    expect(np.abs(x).toArray()).toEqual([3, 4]);
    expect(np.exp(x).dtype).toBe("f32");
  });

  test("NaN and infinities are told apart", () => {
    const x = [1, NaN, Infinity, -Infinity];
    expect(np.isNaN(x).toArray()).toEqual([false, true, false, false]);
    expect(np.isInf(x).toArray()).toEqual([false, false, true, true]);
    expect(np.isFinite(x).toArray()).toEqual([true, false, false, false]);
  });
});

const shapes = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
  .chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.tuple(
        fc.nat({ max: shape.length }),
        fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
      ),
    ),
  )
  .map(([shape, [drop, ones]]): [Shape, Shape] => [
    shape,
    shape.slice(drop).map((n, axis) => (ones[axis] ? 1 : n)),
  ]);

/** The element that broadcasting puts at an index of the result. */
const broadcastRead =
  (x: np.ArrayLike & { shape: Shape }, at: (...i: number[]) => number) =>
  (index: readonly number[]): number =>
    at(...x.shape.map((n, axis) => (n === 1 ? 0 : index[index.length - x.shape.length + axis])));

describeBackends("broadcasting", () => {
  test("equals loops with NumPy's rule", () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), ([a, b], swapped) => {
        const [x, y] = swapped ? [counting(b), counting(a)] : [counting(a), counting(b)];
        const [left, right] = [broadcastRead(x, reader(x)), broadcastRead(y, reader(y))];
        const shape = broadcastShapes([a, b], "test");
        expectElements(np.add(x, y), shape, (index) => left(index) + right(index));
        expectElements(np.multiply(x, y), shape, (index) => left(index) * right(index));
        expectElements(np.where(np.greater(x, y), x, y), shape, (index) =>
          Math.max(left(index), right(index)),
        );
      }),
      { numRuns: 30 },
    );
  });
});

type Remainder = [string, (x: Value, y: Value) => Value, (x: number, y: number) => number];

const pythonRemainders: Remainder[] = [
  ["floorDivide", np.floorDivide, (x, y) => Math.floor(x / y)],
  ["remainder", np.remainder, (x, y) => x - y * Math.floor(x / y)],
  ["fmod", np.fmod, (x, y) => x % y],
];

describeBackends("binary functions", () => {
  test.each(pythonRemainders)("%s as in Python", (_name, f, rule) => {
    const x = [7, -7, 7, -7, 6, -6, 0, 1];
    const y = [3, 3, -3, -3, 3, 3, 5, -5];
    const expected = x.map((value, i) => rule(value, y[i]) + 0);
    for (const dtype of ["f32", "i32"] as const) {
      const result = f(np.array(x, dtype), np.array(y, dtype));
      expect(result.dtype).toBe(dtype);
      expect(Array.from(result.dataSync(), (value) => value + 0)).toEqual(expected);
    }
  });

  test("division of integers is in f32", () => {
    expect(np.divide(np.array([1, 3], "i32"), 2).toArray()).toEqual([0.5, 1.5]);
  });

  test("clip with one bound, two, and none", () => {
    expect(np.clip([-2, 0, 2], -1).toArray()).toEqual([-1, 0, 2]);
    expect(np.clip([-2, 0, 2], undefined, 1).toArray()).toEqual([-2, 0, 1]);
    expect(np.clip(np.array([-2, 0, 2], "i32"), -1, 1).toArray()).toEqual([-1, 0, 1]);
    expect(np.clip([1]).toArray()).toEqual([1]);
  });

  test("powers with whole exponents are products", () => {
    expect(np.power(np.array([3, -2], "i32"), 5).toArray()).toEqual([243, -32]);
    expect(np.power([2, 4], -2).toArray()).toEqual([0.25, 0.0625]);
    expect(np.power([0, 5], 0).toArray()).toEqual([1, 1]);
    expectClose(
      np.power([2, 9], 0.5).dataSync(),
      [Math.SQRT2, 3],
      { absolute: 0, relative: 1e-6 },
      "root",
    );
    expectClose(
      np.power(2, [10, -1]).dataSync(),
      [1024, 0.5],
      { absolute: 0, relative: 1e-6 },
      "2^x",
    );
  });

  test("logaddexp does not overflow", () => {
    const close = { absolute: 1e-6, relative: 1e-6 };
    expectClose(
      np.logaddexp([0, 100, -100], [0, 0, -100]).dataSync(),
      [Math.LN2, 100, -100 + Math.LN2],
      close,
      "",
    );
    expect(np.logaddexp(-Infinity, [-Infinity, 1]).toArray()).toEqual([-Infinity, 1]);
    expect(np.logaddexp(Infinity, [Infinity, 1]).toArray()).toEqual([Infinity, Infinity]);
  });

  test("bits", () => {
    const x = np.array([0b1100, -1], "i32");
    expect(np.bitwiseAnd(x, 0b1010).toArray()).toEqual([0b1000, 0b1010]);
    expect(np.bitwiseOr(x, 0b0011).toArray()).toEqual([0b1111, -1]);
    expect(np.bitwiseXor(x, 0b1010).toArray()).toEqual([0b0110, ~0b1010]);
    expect(np.bitwiseNot(x).toArray()).toEqual([~0b1100, 0]);
    expect(np.leftShift(x, 1).toArray()).toEqual([24, -2]);
    expect(np.rightShift(x, 2).toArray()).toEqual([3, -1]);
    expect(np.rightShift(np.array([2 ** 31], "u32"), 31).toArray()).toEqual([1]);
    expect(() => np.bitwiseAnd([1.5], 1)).toThrow("integers are needed");
  });

  test("logic counts nonzero as true", () => {
    expect(np.logicalAnd([1, 0, 2], [3, 4, 0]).toArray()).toEqual([true, false, false]);
    expect(np.logicalOr([1, 0, 0], [0, 4, 0]).toArray()).toEqual([true, true, false]);
    expect(np.logicalXor([1, 0, 2], [3, 4, 0]).toArray()).toEqual([false, true, true]);
    expect(np.logicalNot([1, 0]).toArray()).toEqual([false, true]);
  });

  test("comparisons with NaN", () => {
    expect(np.equal([NaN, 1], [NaN, 1]).toArray()).toEqual([false, true]);
    expect(np.notEqual([NaN, 1], [NaN, 1]).toArray()).toEqual([true, false]);
    expect(np.lessEqual([NaN, 1], 1).toArray()).toEqual([false, true]);
    expect(np.greaterEqual([NaN, 1], 1).toArray()).toEqual([false, true]);
    expect(np.less([NaN, 0], 1).toArray()).toEqual([false, true]);
    expect(np.maximum([NaN, 0], 1).toArray()).toEqual([NaN, 1]);
  });
});
