/** Angular hashing and sorting by brute force in float64 (Kitaev et al. 2020, section 2). */

export type Matrix = readonly (readonly number[])[];

/** Rotations of one group: [width][rounds][half]. */
export type Rotations = readonly Matrix[];

export interface Hashed {
  /** Bucket of each token in each round: [rounds][length]. */
  readonly buckets: readonly (readonly number[])[];
  /**
   * For each round, token and factor, how far the winner is ahead of the second, relative to the sum of
   * the products' magnitudes, which bounds what rounding can change: [rounds][length].
   */
  readonly margins: readonly (readonly number[])[];
}

export function hashTokens(x: Matrix, rotations: Rotations, sizes: readonly number[]): Hashed {
  const rounds = rotations[0].length;
  const buckets: number[][] = [];
  const margins: number[][] = [];
  for (let r = 0; r < rounds; r++) {
    const ofRound = x.map((token) => hashToken(token, rotations, r, sizes));
    buckets.push(ofRound.map(({ bucket }) => bucket));
    margins.push(ofRound.map(({ margin }) => margin));
  }
  return { buckets, margins };
}

function hashToken(
  token: readonly number[],
  rotations: Rotations,
  round: number,
  sizes: readonly number[],
): { bucket: number; margin: number } {
  let bucket = 0;
  let place = 1;
  let column = 0;
  let margin = Infinity;
  for (const size of sizes) {
    const candidates: number[] = new Array<number>(size);
    let scale = 0;
    for (let h = 0; h < size / 2; h++) {
      let sum = 0;
      let magnitude = 0;
      for (let k = 0; k < token.length; k++) {
        const product = token[k] * rotations[k][round][column + h];
        sum += product;
        magnitude += Math.abs(product);
      }
      candidates[h] = sum;
      candidates[h + size / 2] = -sum;
      scale = Math.max(scale, magnitude);
    }
    let best = 0;
    for (let c = 1; c < size; c++) if (candidates[c] > candidates[best]) best = c;
    const others = candidates.filter((_, c) => c !== best);
    margin = Math.min(margin, scale === 0 ? 0 : (candidates[best] - Math.max(...others)) / scale);
    bucket += place * best;
    place *= size;
    column += size / 2;
  }
  return { bucket, margin };
}

/** Tokens in the order of their buckets, equal buckets in the order of their tokens. */
export const sortTokens = (buckets: readonly number[]): number[] =>
  buckets.map((_, token) => token).sort((a, b) => buckets[a] - buckets[b] || a - b);

/** The slot of each token. */
export function inverseOf(order: readonly number[]): number[] {
  const inverse = new Array<number>(order.length);
  order.forEach((token, slot) => {
    inverse[token] = slot;
  });
  return inverse;
}
