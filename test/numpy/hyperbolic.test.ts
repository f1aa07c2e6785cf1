import { expect, test } from "vitest";
import { grad } from "../../src/index.ts";
import type { Value } from "../../src/core/value.ts";
import * as np from "../../src/numpy/index.ts";
import { describeBackends } from "../support/backends.ts";
import { ulpError } from "../ir/scalar/oracle.ts";

/** The neighbours of where e^x, and then half of it, stop being finite, and numbers far beyond. */
const large = [
  88, 88.72283172607422, 88.72283935546875, 89, 89.41, 89.4159, 89.416, 89.5, 178, 3e38,
];
const both = large.flatMap((x) => [x, -x]).map(Math.fround);

describeBackends("hyperbolic functions at the end of f32", () => {
  test.each([
    ["sinh", np.sinh, Math.sinh, Math.cosh],
    ["cosh", np.cosh, Math.cosh, Math.sinh],
  ] as const)("%s is finite wherever its value is, and so are its slopes", (_, f, exact, slope) => {
    for (const x of both) {
      expect([x, ulpError(f(x).item(), exact(x)) <= 4]).toEqual([x, true]);
      const first = grad((v: Value) => f(v))(np.array(x)).item();
      expect([x, ulpError(first, slope(x)) <= 4]).toEqual([x, true]);
      const second = grad(grad((v: Value) => f(v)))(np.array(x)).item();
      expect([x, ulpError(second, exact(x)) <= 4]).toEqual([x, true]);
    }
  });

  test("what was found", () => {
    expect(np.cosh(89).item() / 2.2448064e38).toBeCloseTo(1, 6);
    expect(np.sinh(-89).item() / -2.2448064e38).toBeCloseTo(1, 6);
  });

  test("infinities and NaN pass, zeros keep their sign", () => {
    expect(np.sinh([Infinity, -Infinity, NaN, 0, -0]).toArray()).toEqual([
      Infinity,
      -Infinity,
      NaN,
      0,
      -0,
    ]);
    expect(np.cosh([Infinity, -Infinity, NaN, 0, -0]).toArray()).toEqual([
      Infinity,
      Infinity,
      NaN,
      1,
      1,
    ]);
    const slopes = [0, -0].flatMap((x) => [grad(np.sinh)(x).item(), grad(np.cosh)(x).item()]);
    expect(slopes).toEqual([1, 0, 1, 0]);
  });

  test("below that, the bits are those of the plain formulas", () => {
    const x = np.linspace(-88.72, 88.72, 4001);
    const half = (y: Value): Value => np.multiply(y, 0.5);
    const minus = np.negative(x);
    const sinh = half(np.subtract(np.expm1(x), np.expm1(minus)));
    const cosh = half(np.add(np.exp(x), np.exp(minus)));
    expect(np.arrayEqual(np.sinh(x), sinh)).toBe(true);
    expect(np.arrayEqual(np.cosh(x), cosh)).toBe(true);
  });
});

describeBackends("functions whose exponentials end", () => {
  test.each([
    ["exp", np.exp, Math.exp, 1],
    ["expm1", np.expm1, Math.expm1, 2.5],
    ["tanh", np.tanh, Math.tanh, 1.5],
  ] as const)("%s is right up to the last number, and beyond", (_, f, exact, ulps) => {
    for (const x of both) {
      // e^x is 0 below -87.
      const wanted = f === np.exp && x < -87 ? 0 : exact(x);
      expect([x, ulpError(f(x).item(), wanted) <= ulps]).toEqual([x, true]);
    }
  });
});
