import { describe, expect, it } from "vitest";
import { cos, exp, log, pow, sin, tanh } from "../../src/core/float-math.ts";
import { uniforms } from "../ir/scalar/oracle.ts";

const eps = 2 ** -52;

/** Largest |f - exact| / |exact| over random points of [low, high]. */
function worstRelative(
  f: (x: number) => number,
  exact: (x: number) => number,
  low: number,
  high: number,
): number {
  const random = uniforms(23);
  let worst = 0;
  for (let i = 0; i < 20_000; i++) {
    const x = low + (high - low) * random();
    worst = Math.max(worst, Math.abs(f(x) - exact(x)) / Math.abs(exact(x)));
  }
  return worst;
}

describe("host functions agree with the engine's to float64 rounding", () => {
  it("exp, log and tanh", () => {
    expect(worstRelative(exp, Math.exp, -700, 700)).toBeLessThan(2 * eps);
    expect(worstRelative(exp, Math.exp, -1, 1)).toBeLessThan(2 * eps);
    expect(worstRelative(log, Math.log, 1e-300, 1e3)).toBeLessThan(2 * eps);
    expect(worstRelative(log, Math.log, 0.5, 2)).toBeLessThan(2 * eps);
    expect(worstRelative(tanh, Math.tanh, -25, 25)).toBeLessThan(4 * eps);
    expect(worstRelative(tanh, Math.tanh, -0.01, 0.01)).toBeLessThan(4 * eps);
  });

  it("sin and cos", () => {
    expect(worstRelative(sin, Math.sin, -10, 10)).toBeLessThan(2 * eps);
    expect(worstRelative(cos, Math.cos, -10, 10)).toBeLessThan(2 * eps);
    const random = uniforms(29);
    for (let i = 0; i < 20_000; i++) {
      const x = 1e6 * random();
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(2 * eps);
      expect(Math.abs(cos(x) - Math.cos(x))).toBeLessThan(2 * eps);
    }
  });

  it("pow", () => {
    const random = uniforms(31);
    for (let i = 0; i < 20_000; i++) {
      const x = 100 * random() + 1e-3;
      const y = 40 * random() - 20;
      const exact = x ** y;
      const bound = eps * (2 + Math.abs(y * Math.log(x)));
      expect(Math.abs(pow(x, y) - exact) / exact).toBeLessThan(bound);
    }
    expect(pow(0.999, 1000)).toBeCloseTo(0.999 ** 1000, 13);
    expect(pow(10, 22)).toBe(1e22);
    expect(pow(2, -3)).toBe(0.125);
  });

  it("special values are those of Math", () => {
    const specials = [
      0,
      -0,
      1,
      -1,
      2,
      -2,
      0.5,
      -0.5,
      3,
      -3,
      1e-310,
      1e308,
      4096,
      -4097,
      Infinity,
      -Infinity,
      NaN,
    ];
    const functions = [
      [exp, Math.exp],
      [tanh, Math.tanh],
      [log, Math.log],
      [sin, Math.sin],
      [cos, Math.cos],
    ] as const;
    for (const x of specials) {
      const moderate = Math.abs(x) < 1e6 || !Number.isFinite(x);
      for (const [f, exact] of functions) if (moderate) expectNear(f(x), exact(x));
      for (const y of specials) expectNear(pow(x, y), x ** y);
    }
  });
});

/** Equal where the exact result is no ordinary number, else within 1e-12 of it. */
function expectNear(got: number, exact: number): void {
  const ordinary = Number.isFinite(exact) && Math.abs(exact) > 1e-300;
  if (ordinary) expect(Math.abs(got / exact - 1)).toBeLessThan(1e-12);
  else
    expect(
      Math.abs(exact) < 1e-300 && exact !== 0
        ? Math.abs(got - exact) < 1e-300
        : Object.is(got, exact),
    ).toBe(true);
}
