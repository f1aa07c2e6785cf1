/** Threefry-2x32 with 20 rounds (Salmon et al. 2011), written from the paper: one block. */

type Pair = readonly [number, number];

const rotations = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;

const rotateLeft = (x: number, bits: number): number => ((x << bits) | (x >>> (32 - bits))) >>> 0;

/** The two output words of a key and a counter, as unsigned numbers. */
export function threefry2x32(key: Pair, counter: Pair): Pair {
  const parity = 0x1bd11bda;
  const schedule = [key[0] >>> 0, key[1] >>> 0, (parity ^ key[0] ^ key[1]) >>> 0];
  let x = (counter[0] + schedule[0]) >>> 0;
  let y = (counter[1] + schedule[1]) >>> 0;
  for (let group = 0; group < 5; group++) {
    for (const bits of rotations[group % 2]) {
      x = (x + y) >>> 0;
      y = (rotateLeft(y, bits) ^ x) >>> 0;
    }
    x = (x + schedule[(group + 1) % 3]) >>> 0;
    y = (y + schedule[(group + 2) % 3] + group + 1) >>> 0;
  }
  return [x, y];
}
