/** Buckets of one layer. */
export interface BucketStatistics {
  /** Buckets that hold nothing, and tokens in the largest one: means over heads and rounds, and the most of all. */
  readonly empty: number;
  readonly largest: number;
  /** How many buckets, of all heads and rounds, hold 1, 2 to 3, 4 to 7, ... tokens. */
  readonly sizes: readonly number[];
  /** Share of tokens whose bucket begins before the first chunk that they see: mean over heads and rounds. */
  readonly overflow: number;
}

interface Hashed {
  /** [heads, rounds, length] */
  readonly buckets: Int32Array;
  readonly slots: Int32Array;
}

interface HashShape {
  readonly heads: number;
  readonly rounds: number;
  readonly length: number;
  readonly numBuckets: number;
  readonly chunkLength: number;
  readonly before: number;
}

/** How tokens are spread over buckets, and buckets over chunks. */
export function bucketStatistics(
  { buckets, slots }: Hashed,
  { heads, rounds, length, numBuckets, chunkLength, before }: HashShape,
): BucketStatistics {
  const sizes: number[] = [];
  let [empty, largest, beyond] = [0, 0, 0];
  for (let pass = 0; pass < heads * rounds; pass++) {
    const counts = new Int32Array(numBuckets);
    const first = new Int32Array(numBuckets).fill(2 ** 31 - 1);
    for (let i = pass * length; i < (pass + 1) * length; i++) {
      counts[buckets[i]] += 1;
      first[buckets[i]] = Math.min(first[buckets[i]], slots[i]);
    }
    for (let i = pass * length; i < (pass + 1) * length; i++) {
      const seen = (Math.floor(slots[i] / chunkLength) - before) * chunkLength;
      if (first[buckets[i]] < seen) beyond += 1;
    }
    for (const count of counts) {
      largest = Math.max(largest, count);
      if (count === 0) empty += 1;
      else {
        const bin = Math.floor(Math.log2(count));
        while (sizes.length <= bin) sizes.push(0);
        sizes[bin] += 1;
      }
    }
  }
  const passes = heads * rounds;
  return { empty: empty / passes, largest, sizes, overflow: beyond / (passes * length) };
}

/** What a layer found of what full attention would have looked at. */
export interface Recall {
  /** Share of the keys that full attention weighs most which the layer saw: mean over tokens and heads. */
  readonly recall: number;
  /** Share of full attention's weight on keys that the layer saw: mean over tokens and heads. */
  readonly mass: number;
  /** `recall` of each token, mean over heads. */
  readonly ofTokens: readonly number[];
}

interface RecallShape {
  readonly heads: number;
  readonly length: number;
  readonly top: number;
}

/**
 * Compares weights [heads, length, length] of a layer with those of full attention. A key was seen where it has weight. Keys that full attention
 * itself gives no weight count nothing; of equal weights the earlier key comes first.
 */
export function recallOf(
  attended: Float32Array,
  whole: Float32Array,
  { heads, length, top }: RecallShape,
): Recall {
  const ofTokens = new Float64Array(length);
  let mass = 0;
  for (let head = 0; head < heads; head++) {
    for (let token = 0; token < length; token++) {
      const from = (head * length + token) * length;
      const weights = whole.subarray(from, from + length);
      const isSeen = (key: number): boolean => attended[from + key] > 0;
      const keys = Array.from(weights, (_, key) => key).filter((key) => weights[key] > 0);
      for (const key of keys) if (isSeen(key)) mass += weights[key];
      const best = keys.sort((a, b) => weights[b] - weights[a] || a - b).slice(0, top);
      ofTokens[token] += best.filter(isSeen).length / Math.max(1, best.length) / heads;
    }
  }
  return {
    recall: ofTokens.reduce((sum, share) => sum + share, 0) / length,
    mass: mass / (heads * length),
    ofTokens: [...ofTokens],
  };
}

/** Share of places, over heads, rounds and tokens, in which two hashings of a text by the same rotations differ. */
export function flipsBetween(a: Int32Array, b: Int32Array): number {
  let changed = 0;
  a.forEach((bucket, i) => {
    if (bucket !== b[i]) changed += 1;
  });
  return changed / Math.max(1, a.length);
}
