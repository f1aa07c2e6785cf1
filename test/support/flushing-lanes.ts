import { numberLanes, type Lanes } from "../../src/core/scalar-math/index.ts";

const smallestNormal = 2 ** -126;

const zeroLike = (a: number): number => (a < 0 || Object.is(a, -0) ? -0 : 0);

/** The f32 nearest to a float64 result, zero where that is denormal: judged before the exponent ends. */
function rounded(exact: number): number {
  if (Math.abs(exact) >= 2 * smallestNormal || exact !== exact) return Math.fround(exact);
  const scaled = Math.fround(exact * 2 ** 64) / 2 ** 64;
  return Math.abs(scaled) < smallestNormal ? zeroLike(exact) : scaled;
}

const flushed = (a: number): number => (Math.abs(a) < smallestNormal ? zeroLike(a) : a);

/**
 * Numbers as a machine computes them that takes denormal operands of f32 arithmetic and comparisons for zeros of their
 * sign, and gives such zeros for denormal results. Bits that only move stay as they are.
 */
export const flushingLanes: Lanes<number, number, boolean> = {
  ...numberLanes,
  add: (a, b) => rounded(flushed(a) + flushed(b)),
  sub: (a, b) => rounded(flushed(a) - flushed(b)),
  mul: (a, b) => rounded(flushed(a) * flushed(b)),
  div: (a, b) => rounded(flushed(a) / flushed(b)),
  sqrt: (a) => numberLanes.sqrt(flushed(a)),
  floor: (a) => Math.floor(flushed(a)),
  ceil: (a) => Math.ceil(flushed(a)),
  trunc: (a) => Math.trunc(flushed(a)),
  nearest: (a) => numberLanes.nearest(flushed(a)),
  pmin: (a, b) => (flushed(b) < flushed(a) ? b : a),
  pmax: (a, b) => (flushed(a) < flushed(b) ? b : a),
  eq: (a, b) => flushed(a) === flushed(b),
  ne: (a, b) => flushed(a) !== flushed(b),
  lt: (a, b) => flushed(a) < flushed(b),
  le: (a, b) => flushed(a) <= flushed(b),
};
