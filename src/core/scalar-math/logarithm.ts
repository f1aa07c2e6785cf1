import type { Lanes } from "./lanes.ts";
import { polynomial } from "./polynomial.ts";

const ln2High = 0.693359375;
const ln2Low = -2.12194440054690583e-4;
/** 2^-126. */
const smallestNormal = 1.1754943508222875e-38;
/** The bits of sqrt(1/2), the lower end of the mantissas. */
const sqrtHalfBits = 0x3f3504f3;

/** (log(1 + f) - f + f^2 / 2) / f^3 on [sqrt(1/2) - 1, sqrt(2) - 1]: minimax, error of the log 7e-10. */
const logCoefficients = [
  0.333333105, -0.249999866, 0.20002225, -0.16669251, 0.142186761, -0.123843431, 0.118728898,
  -0.11789868, 0.0691560134,
];

interface Decomposed<F> {
  /** The exponent, an integer. */
  readonly exponent: F;
  /** The mantissa in [sqrt(1/2), sqrt(2)), less 1; exact. */
  readonly fraction: F;
}

/** x = 2^exponent (1 + fraction) for finite x > 0, denormal ones included. */
export function decompose<F, I, M>(lanes: Lanes<F, I, M>, x: F): Decomposed<F> {
  const { lt, f32, i32, select, mul, sub, subI, addI, andI, bits, fromBits, fromI32, shiftRight } =
    lanes;
  const denormal = lt(x, f32(smallestNormal));
  const normal = select(denormal, mul(x, f32(16777216)), x);
  const fromSqrtHalf = subI(bits(normal), i32(sqrtHalfBits));
  const exponent = fromI32(shiftRight(fromSqrtHalf, 23));
  const mantissa = fromBits(addI(andI(fromSqrtHalf, i32(0x7fffff)), i32(sqrtHalfBits)));
  return {
    exponent: select(denormal, sub(exponent, f32(24)), exponent),
    fraction: sub(mantissa, f32(1)),
  };
}

/** log of a finite x > 0, plus a small `correction`. */
function logOfPositive<F, I, M>(lanes: Lanes<F, I, M>, x: F, correction: F): F {
  const { add, sub, mul, f32 } = lanes;
  const { exponent, fraction } = decompose(lanes, x);
  const square = mul(fraction, fraction);
  const cubic = mul(mul(square, fraction), polynomial(lanes, fraction, logCoefficients));
  const low = add(add(cubic, mul(exponent, f32(ln2Low))), correction);
  const tail = sub(low, mul(square, f32(0.5)));
  return add(add(tail, fraction), mul(exponent, f32(ln2High)));
}

/** The natural logarithm; -infinity at +-0, NaN below. */
export function log<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { f32, lt, eq, select, nanWhere } = lanes;
  const finite = logOfPositive(lanes, x, f32(0));
  const orInfinite = select(lt(x, f32(Infinity)), finite, x);
  const orZero = select(eq(x, f32(0)), f32(-Infinity), orInfinite);
  return nanWhere(lt(x, f32(0)), orZero);
}

/** log(1 + x) with the rounding error of 1 + x, divided by it, added back. */
export function log1p<F, I, M>(lanes: Lanes<F, I, M>, x: F): F {
  const { f32, lt, eq, abs, add, sub, div, select, nanWhere } = lanes;
  const sum = add(x, f32(1));
  // The smaller of the two terms is what rounding loses.
  const lost = select(lt(x, f32(1)), sub(x, sub(sum, f32(1))), sub(f32(1), sub(sum, x)));
  const finite = logOfPositive(lanes, sum, div(lost, sum));
  const orTiny = select(lt(abs(x), f32(1e-8)), x, finite);
  const orInfinite = select(lt(x, f32(Infinity)), orTiny, x);
  const orPole = select(eq(x, f32(-1)), f32(-Infinity), orInfinite);
  return nanWhere(lt(x, f32(-1)), orPole);
}
