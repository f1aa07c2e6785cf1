/** Float64 oracles for the functions that JavaScript lacks, and distances in units in the last place. */

/** erf by its Maclaurin series below 3 and Lentz's continued fraction of erfc above: about 1e-15. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (a > 6) return Math.sign(x);
  return Math.sign(x) * (a < 2.5 ? erfSeries(a) : 1 - erfc(a));
}

function erfSeries(a: number): number {
  let term = a;
  let sum = a;
  for (let n = 1; n < 120; n++) {
    term *= (-a * a) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** erfc(a) = e^(-a^2) / sqrt(pi) / (a + (1/2) / (a + 1 / (a + (3/2) / (a + ...)))). */
function erfc(a: number): number {
  let fraction = a;
  for (let k = 200; k > 0; k--) fraction = a + k / 2 / fraction;
  return Math.exp(-a * a) / Math.sqrt(Math.PI) / fraction;
}

/** erfInv by bisection and Newton's method on the complementary function, exact near the ends. */
export function erfInv(y: number): number {
  const target = Math.abs(y);
  let low = 0;
  let high = 6;
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    const below = middle < 2.5 ? erfSeries(middle) < target : erfc(middle) > 1 - target;
    if (below) low = middle;
    else high = middle;
  }
  return (Math.sign(y) * (low + high)) / 2;
}

/** Spacing of f32 numbers around `value`. */
export function ulpOf(value: number): number {
  const magnitude = Math.max(Math.abs(value), 2 ** -126);
  return 2 ** (Math.floor(Math.log2(magnitude)) - 23);
}

/** Distance of an f32 result from the true value, in units in the last place of the true value. */
export function ulpError(got: number, exact: number): number {
  const rounded = Math.fround(exact);
  if (Object.is(got, rounded) || (Number.isNaN(got) && Number.isNaN(exact))) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) return Infinity;
  return Math.abs(got - exact) / ulpOf(exact);
}

/** A small deterministic generator of uniform numbers in [0, 1). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) >>> 0) / 2 ** 32;
  };
}
