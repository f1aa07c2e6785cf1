import { describe, expect, it } from "vitest";
import type { ScalarOp } from "../../../src/ir/expression.ts";
import { evaluateScalarOp } from "../../../src/ir/scalar/evaluate.ts";
import { erf, erfInv, ulpError, uniforms } from "./oracle.ts";

interface Claim {
  readonly op: ScalarOp;
  readonly range: readonly [number, number];
  readonly exact: (x: number) => number;
  /** Largest error in units in the last place of the true result. */
  readonly ulps: number;
  /** Samples uniform in the logarithm of |x| besides those uniform in x; both signs. */
  readonly small?: boolean;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

const claims: readonly Claim[] = [
  { op: "expF32", range: [-87, 88.7228], exact: Math.exp, ulps: 1, small: true },
  { op: "expm1F32", range: [-40, 88.7], exact: Math.expm1, ulps: 2.5, small: true },
  { op: "expm1F32", range: [-1, 1], exact: Math.expm1, ulps: 2.5 },
  { op: "logF32", range: [1e-30, 100], exact: Math.log, ulps: 1 },
  { op: "logF32", range: [0.5, 2], exact: Math.log, ulps: 1 },
  { op: "logF32", range: [1e-45, 1e-37], exact: Math.log, ulps: 1 },
  { op: "logF32", range: [1, 3.4e38], exact: Math.log, ulps: 1 },
  { op: "log1pF32", range: [-0.999999, 10], exact: Math.log1p, ulps: 2, small: true },
  { op: "log1pF32", range: [1, 1e9], exact: Math.log1p, ulps: 2 },
  { op: "sinF32", range: [-10, 10], exact: Math.sin, ulps: 1.5, small: true },
  { op: "sinF32", range: [-1e6, 1e6], exact: Math.sin, ulps: 1.5 },
  { op: "cosF32", range: [-10, 10], exact: Math.cos, ulps: 1.5, small: true },
  { op: "cosF32", range: [-1e6, 1e6], exact: Math.cos, ulps: 1.5 },
  { op: "tanhF32", range: [-12, 12], exact: Math.tanh, ulps: 1.5, small: true },
  { op: "tanhF32", range: [-1, 1], exact: Math.tanh, ulps: 1.5 },
  { op: "erfF32", range: [-5, 5], exact: erf, ulps: 1.5, small: true },
  { op: "logisticF32", range: [-87, 87], exact: logistic, ulps: 2.5, small: true },
];

function* samples({ range: [low, high], small }: Claim, count: number): Generator<number> {
  const random = uniforms(17);
  yield* [low, high].map(Math.fround);
  for (let i = 0; i < count; i++) {
    yield Math.fround(low + (high - low) * random());
    if (!small) continue;
    const magnitude = Math.min(Math.abs(low), Math.abs(high)) * 2 ** (-60 * random());
    yield Math.fround(random() < 0.5 ? magnitude : -magnitude);
  }
}

describe("transcendental functions against float64", () => {
  for (const claim of claims) {
    const { op, range, exact, ulps } = claim;
    it(`${op} is within ${ulps} ulp on [${range.join(", ")}]`, () => {
      const f = evaluateScalarOp(op);
      let worst = 0;
      let worstAt = 0;
      for (const x of samples(claim, 40_000)) {
        if (x < Math.fround(range[0]) || x > Math.fround(range[1])) continue;
        const error = ulpError(f(x), exact(x));
        if (!(error <= worst)) [worst, worstAt] = [error, x];
      }
      console.log(`${op} on [${range.join(", ")}]: max ${worst.toFixed(3)} ulp at ${worstAt}`);
      expect(worst).toBeLessThanOrEqual(ulps);
    });
  }

  it("erfInvF32 is within 8e-6 relative of the true inverse: what rounding x * x leaves near 1", () => {
    const f = evaluateScalarOp("erfInvF32");
    const random = uniforms(3);
    let worst = 0;
    for (let i = 0; i < 3000; i++) {
      const y = Math.fround(i % 2 === 0 ? 2 * random() - 1 : 1 - 2 ** (-24 * random()));
      if (Math.abs(y) === 1 || y === 0) continue;
      worst = Math.max(worst, Math.abs(f(y) / erfInv(y) - 1));
    }
    console.log(`erfInvF32: max relative error ${worst.toExponential(2)}`);
    expect(worst).toBeLessThan(8e-6);
  });

  it("powF32 is within 1.5 ulp over its whole range", () => {
    const f = evaluateScalarOp("powF32");
    const random = uniforms(5);
    let worst = 0;
    let at: number[] = [];
    for (let i = 0; i < 60_000; i++) {
      const x = Math.fround(2 ** (i % 3 === 0 ? 2 * random() - 1 : 240 * random() - 120));
      const y = Math.fround((i % 5 === 0 ? 1000 : 5) * (2 * random() - 1));
      const exact = x ** y;
      if (exact > 3.4e38 || exact < 1.2e-38) continue;
      const error = ulpError(f(x, y), exact);
      if (!(error <= worst)) [worst, at] = [error, [x, y]];
    }
    console.log(`powF32: max ${worst.toFixed(3)} ulp at ${at.join(", ")}`);
    expect(worst).toBeLessThanOrEqual(1.5);
  });

  it("atan2F32 is within 2 ulp in all directions", () => {
    const f = evaluateScalarOp("atan2F32");
    const random = uniforms(7);
    let worst = 0;
    for (let i = 0; i < 60_000; i++) {
      const scale = i % 2 === 0 ? 1 : 2 ** (60 * random() - 30);
      const y = Math.fround(scale * (2 * random() - 1));
      const x = Math.fround(2 * random() - 1);
      worst = Math.max(worst, ulpError(f(y, x), Math.atan2(y, x)));
    }
    console.log(`atan2F32: max ${worst.toFixed(3)} ulp`);
    expect(worst).toBeLessThanOrEqual(2);
  });

  it("sin and cos of large arguments stay near the truth and in range", () => {
    const sin = evaluateScalarOp("sinF32");
    const cos = evaluateScalarOp("cosF32");
    const random = uniforms(11);
    for (let i = 0; i < 20_000; i++) {
      const x = Math.fround(1e9 * (2 * random() - 1));
      expect(Math.abs(sin(x) - Math.sin(x))).toBeLessThan(1.5e-7);
      const huge = Math.fround(2 ** (128 * random()));
      expect(Math.abs(cos(huge))).toBeLessThanOrEqual(1);
    }
  });
});
