/**
 * The primitive operations out of which every scalar function is built. A formula is written once
 * against this interface and carried out by JavaScript numbers ({@link ./number-lanes.ts}) or
 * recorded and printed in another language; since every operation here is exact or correctly
 * rounded, both give the same bits. `F` holds f32 values, `I` 32-bit integers (i32 and u32 are the
 * same bits, bool is 0 or 1), `M` truth values.
 *
 * NaN results are NaNs of unspecified sign and payload. A language may flush denormal operands and
 * results to zero, which its table says; formulas stay within their bounds there but for results
 * that are denormal themselves.
 */
export interface Lanes<F, I, M> {
  /** The constant nearest to `value` in f32. */
  readonly f32: (value: number) => F;
  readonly i32: (value: number) => I;

  // f32 arithmetic, rounded to nearest even.
  readonly add: (a: F, b: F) => F;
  readonly sub: (a: F, b: F) => F;
  readonly mul: (a: F, b: F) => F;
  readonly div: (a: F, b: F) => F;
  readonly sqrt: (a: F) => F;
  readonly neg: (a: F) => F;
  readonly abs: (a: F) => F;
  readonly floor: (a: F) => F;
  readonly ceil: (a: F) => F;
  readonly trunc: (a: F) => F;
  /** Rounds to the nearest integer, half to even. */
  readonly nearest: (a: F) => F;
  /** IEEE minimum and maximum: NaN if either is NaN, -0 < +0. */
  readonly min: (a: F, b: F) => F;
  readonly max: (a: F, b: F) => F;
  /** `b < a ? b : a`: one instruction; `a` when either is NaN. */
  readonly pmin: (a: F, b: F) => F;
  /** `a < b ? b : a`: one instruction; `a` when either is NaN. */
  readonly pmax: (a: F, b: F) => F;
  /** The exact remainder of the truncated quotient, with the sign of `a` (C's fmod). */
  readonly rem: (a: F, b: F) => F;

  // Comparisons of f32 values; false when either is NaN, but for `ne`.
  readonly eq: (a: F, b: F) => M;
  readonly ne: (a: F, b: F) => M;
  readonly lt: (a: F, b: F) => M;
  readonly le: (a: F, b: F) => M;

  // 32-bit integers; arithmetic wraps.
  readonly addI: (a: I, b: I) => I;
  readonly subI: (a: I, b: I) => I;
  readonly mulI: (a: I, b: I) => I;
  readonly negI: (a: I) => I;
  readonly absI: (a: I) => I;
  readonly minI: (a: I, b: I) => I;
  readonly maxI: (a: I, b: I) => I;
  readonly minU: (a: I, b: I) => I;
  readonly maxU: (a: I, b: I) => I;
  readonly andI: (a: I, b: I) => I;
  readonly orI: (a: I, b: I) => I;
  readonly xorI: (a: I, b: I) => I;
  readonly notI: (a: I) => I;
  /** Division and remainder as {@link scalarOps} states them for zero divisors and overflow. */
  readonly divI: (a: I, b: I) => I;
  readonly remI: (a: I, b: I) => I;
  readonly divU: (a: I, b: I) => I;
  readonly remU: (a: I, b: I) => I;
  /** Shifts by a constant from 0 to 31. */
  readonly shiftLeft: (a: I, count: number) => I;
  readonly shiftRight: (a: I, count: number) => I;
  readonly shiftRightU: (a: I, count: number) => I;
  /** Shifts by a count per element, unsigned: 32 and more shift everything out. */
  readonly shiftLeftBy: (a: I, count: I) => I;
  readonly shiftRightBy: (a: I, count: I) => I;
  readonly shiftRightByU: (a: I, count: I) => I;
  readonly eqI: (a: I, b: I) => M;
  readonly ltI: (a: I, b: I) => M;
  readonly ltU: (a: I, b: I) => M;

  // Truth values.
  readonly and: (a: M, b: M) => M;
  readonly or: (a: M, b: M) => M;
  readonly not: (a: M) => M;
  readonly select: (which: M, onTrue: F, onFalse: F) => F;
  readonly selectI: (which: M, onTrue: I, onFalse: I) => I;
  /** +0 where `which` holds, else `a`. */
  readonly zeroWhere: (which: M, a: F) => F;
  /** NaN where `which` holds, else `a`. */
  readonly nanWhere: (which: M, a: F) => F;
  /** 1 or 0. */
  readonly bool: (which: M) => I;

  // Conversions.
  readonly bits: (a: F) => I;
  readonly fromBits: (a: I) => F;
  /** Truncates and saturates, NaN gives 0. */
  readonly toI32: (a: F) => I;
  readonly toU32: (a: F) => I;
  readonly fromI32: (a: I) => F;
  readonly fromU32: (a: I) => F;
}

/**
 * Lanes of a machine that has f64 values, too: `D` holds them. They carry arguments that need more
 * than 24 bits; where there are none, two f32 words and integers do (see {@link ./two-word.ts}).
 */
export interface WideLanes<F, I, D, M> extends Lanes<F, I, M> {
  readonly f64: (value: number) => D;
  readonly widen: (a: F) => D;
  /** Rounds to nearest even. */
  readonly narrow: (a: D) => F;

  // Arithmetic rounded to nearest even.
  readonly addD: (a: D, b: D) => D;
  readonly subD: (a: D, b: D) => D;
  readonly mulD: (a: D, b: D) => D;
  readonly divD: (a: D, b: D) => D;
  readonly floorD: (a: D) => D;
  /** `b < a ? b : a` and `a < b ? b : a`, as `pmin` and `pmax`. */
  readonly pminD: (a: D, b: D) => D;
  readonly pmaxD: (a: D, b: D) => D;
}
