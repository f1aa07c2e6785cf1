/** Deterministic test data, independent of the library's own generator. */

/** Uniform numbers in [0, 1) by mulberry32. */
export function uniformSource(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Standard normal f32 numbers (Box and Muller). */
export function normals(seed: number, count: number): Float32Array {
  const uniform = uniformSource(seed);
  return Float32Array.from({ length: count }, () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    return radius * Math.cos(2 * Math.PI * uniform());
  });
}

/** Integers in [0, limit). */
export function integers(seed: number, count: number, limit: number): Int32Array {
  const uniform = uniformSource(seed);
  return Int32Array.from({ length: count }, () => Math.floor(uniform() * limit));
}

/** A random order of 0 .. count - 1. */
export function shuffled(seed: number, count: number): number[] {
  const uniform = uniformSource(seed);
  const items = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(uniform() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}
