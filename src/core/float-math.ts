/**
 * Elementary functions in float64 for numbers that the host computes (schedules, sinusoids, bias
 * corrections). Unlike `Math.exp` and its kin they give the same bits on every engine, because they use exact
 * and correctly rounded operations only. The coefficients were fitted for this library.
 */

const ln2High = 0.6931471803691238;
const ln2Low = 1.9082149292705877e-10;
const sqrtHalf = 0.7071067811865476;
/** 1.5 * 2^52: adding and subtracting it rounds to an integer. */
const roundingShift = 6755399441055744;

/** (e^r - 1 - r) / r^2 on |r| <= ln(2) / 2. */
const expCoefficients = [
  0.5, 0.1666666666666667, 0.04166666666666667, 0.008333333333326127, 0.0013888888888883742,
  0.00019841269874850708, 2.4801587325569223e-5, 2.755725536205433e-6, 2.7557273615865557e-7,
  2.510523288117511e-8, 2.0914698305573583e-9,
];
/** (log((1 + s) / (1 - s)) - 2 s) / s^3 in s^2. */
const logCoefficients = [
  0.6666666666666666, 0.3999999999999999, 0.2857142857143538, 0.22222222219852464,
  0.1818181859457047, 0.15384575060560599, 0.13335641774000268, 0.1168805409426866,
  0.11882627381096524,
];
/** (sin r - r) / r^3 and (cos r - 1 + r^2 / 2) / r^4 in r^2 on |r| <= pi / 4. */
const sinCoefficients = [
  -0.16666666666666666, 0.008333333333333331, -0.00019841269841265063, 2.7557319219337672e-6,
  -2.5052106231927857e-8, 1.6058531536611833e-10, -7.586692262094344e-13,
];
const cosCoefficients = [
  0.041666666666666664, -0.0013888888888888887, 2.4801587301584645e-5, -2.7557319221401993e-7,
  2.087675579079147e-9, -1.1470460841811526e-11, 4.7458692024108734e-14,
];
/** pi / 2 in three parts, the first two of 33 bits. */
const halfPi = [1.5707963267341256, 6.077100506303966e-11, 2.0222662487959506e-21];

const polynomial = (x: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient);

/** e^x to about 1 ulp of float64. */
export function exp(x: number): number {
  if (x !== x) return x;
  if (x > 709.79) return Infinity;
  if (x < -745.2) return 0;
  const n = nearestInteger(x * 1.4426950408889634);
  const r = x - n * ln2High - n * ln2Low;
  return scale(1 + (r + r * r * polynomial(r, expCoefficients)), n);
}

/** The natural logarithm to about 1 ulp; -Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : Number.NaN;
  if (x === Infinity) return x;
  const { exponent, mantissa } = decompose(x);
  const f = mantissa - 1;
  const s = f / (2 + f);
  const square = s * s;
  // log(1 + f) = f - s (f - s^2 p): 2 s = f - s f keeps the exact f in front.
  const tail = s * (f - square * polynomial(square, logCoefficients));
  return exponent * ln2High + (f - (tail - exponent * ln2Low));
}

/** sin x to about 1 ulp for |x| < 1e6, with an absolute error of |x| 1e-16 beyond. */
export function sin(x: number): number {
  if (x === 0) return x;
  const { r, quadrant } = reduce(x);
  const value = quadrant % 2 === 0 ? sinNearZero(r) : cosNearZero(r);
  return quadrant < 2 ? value : -value;
}

/** cos x, as accurate as {@link sin}. */
export function cos(x: number): number {
  const { r, quadrant } = reduce(x);
  const value = quadrant % 2 === 0 ? cosNearZero(r) : sinNearZero(r);
  return quadrant === 0 || quadrant === 3 ? value : -value;
}

/** tanh x to a few ulp. */
export function tanh(x: number): number {
  const magnitude = Math.abs(x);
  if (magnitude < 1e-8) return x;
  const grown = expLess1(2 * Math.min(magnitude, 20));
  const value = grown / (grown + 2);
  return x < 0 ? -value : x > 0 ? value : x;
}

/**
 * x^y with `Math.pow`'s special cases; relative error about 2^-53 (1 + |y log x|). Integer powers below
 * 1024 are products of squares, exact where they can be.
 */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (y !== y || x !== x) return Number.NaN;
  if (Number.isInteger(y) && Math.abs(y) < 1024) return integerPower(x, y);
  const magnitude = powerOfMagnitude(Math.abs(x), y);
  if (!(x < 0 || Object.is(x, -0))) return magnitude;
  if (Number.isInteger(y)) return y % 2 === 0 ? magnitude : -magnitude;
  return Number.isFinite(x) && x !== 0 && Number.isFinite(y) ? Number.NaN : magnitude;
}

function powerOfMagnitude(x: number, y: number): number {
  if (x === 1) return Number.isFinite(y) ? 1 : Number.NaN;
  return exp(y * log(x));
}

function integerPower(x: number, n: number): number {
  let result = 1;
  let square = x;
  for (let rest = Math.abs(n); rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return n < 0 ? 1 / result : result;
}

/** e^x - 1 for 0 < x <= 40, without cancellation. */
function expLess1(x: number): number {
  const n = nearestInteger(x * 1.4426950408889634);
  const r = x - n * ln2High - n * ln2Low;
  const power = scale(1, n);
  return power * (r + r * r * polynomial(r, expCoefficients)) + (power - 1);
}

const sinNearZero = (r: number): number => r + r * r * r * polynomial(r * r, sinCoefficients);

function cosNearZero(r: number): number {
  const square = r * r;
  return 1 - (square / 2 - square * square * polynomial(square, cosCoefficients));
}

function reduce(x: number): { readonly r: number; readonly quadrant: number } {
  const n = nearestInteger(x * (2 / Math.PI));
  const r = halfPi.reduce((rest, part) => rest - n * part, x);
  return { r, quadrant: n - 4 * Math.floor(n / 4) };
}

const nearestInteger = (x: number): number => x + roundingShift - roundingShift;

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);
/** Which of the two words holds the exponent depends on the byte order. */
const highWord = highWordOf(1);

function highWordOf(value: number): 0 | 1 {
  float[0] = value;
  return words[1] === 0 ? 0 : 1;
}

function powerOfTwo(n: number): number {
  words[1 - highWord] = 0;
  words[highWord] = (n + 1023) << 20;
  return float[0];
}

/** x 2^n in two factors, so that overflow and denormal results round once. */
function scale(x: number, n: number): number {
  const half = Math.floor(n / 2);
  return x * powerOfTwo(half) * powerOfTwo(n - half);
}

/** x = 2^exponent mantissa with the mantissa in [sqrt(1/2), sqrt(2)). */
function decompose(x: number): { readonly exponent: number; readonly mantissa: number } {
  const denormal = x < 2.2250738585072014e-308;
  float[0] = denormal ? x * 18014398509481984 : x;
  const exponent = (words[highWord] >>> 20) - 1022 - (denormal ? 54 : 0);
  words[highWord] = (words[highWord] & 0xfffff) | (1022 << 20);
  const mantissa = float[0];
  return mantissa < sqrtHalf
    ? { exponent: exponent - 1, mantissa: 2 * mantissa }
    : { exponent, mantissa };
}
