import type { Tokens } from "../../src/training/index.ts";

/** What events cost by counts alone, in bits each. */
export interface CountBits {
  readonly unigram: number;
  /** By the event before. */
  readonly bigram: number;
}

/** As often was each event seen before anything was; and as much weighs the unigram in what follows an event. */
const [prior, weight] = [0.5, 10];

/** Bits per event of `measured`, but its first, under counts of `train`: pairs are backed by how frequent the second one is. */
export function countBits(train: Tokens, measured: Tokens, vocabulary: number): CountBits {
  const single = new Float64Array(vocabulary).fill(prior);
  const pairs = new Float64Array(vocabulary * vocabulary);
  const before = new Float64Array(vocabulary);
  train.forEach((event, i) => {
    single[event] += 1;
    if (i === 0) return;
    pairs[train[i - 1] * vocabulary + event] += 1;
    before[train[i - 1]] += 1;
  });
  const all = train.length + prior * vocabulary;
  let [unigram, bigram] = [0, 0];
  for (let i = 1; i < measured.length; i++) {
    const [last, event] = [measured[i - 1], measured[i]];
    const alone = single[event] / all;
    unigram -= Math.log2(alone);
    const both = pairs[last * vocabulary + event] + weight * alone;
    bigram -= Math.log2(both / (before[last] + weight));
  }
  const count = measured.length - 1;
  return { unigram: unigram / count, bigram: bigram / count };
}
