/** Distances of the rotations, four rounds at a time. */
export const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

/** The third word of the key schedule is the exclusive or of the key and this. */
export const keyParity = 0x1bd11bda;

/**
 * Threefry-2x32 with 20 rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011):
 * the two output words, unsigned, for a key and a counter.
 */
export function threefryBlock(
  k0: number,
  k1: number,
  c0: number,
  c1: number,
): readonly [number, number] {
  const keys = [k0, k1, k0 ^ k1 ^ keyParity];
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let group = 1; group <= 5; group++) {
    for (const distance of rotations[(group - 1) % 2]) {
      x0 = (x0 + x1) | 0;
      x1 = ((x1 << distance) | (x1 >>> (32 - distance))) ^ x0;
    }
    x0 = (x0 + keys[group % 3]) | 0;
    x1 = (x1 + keys[(group + 1) % 3] + group) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}
