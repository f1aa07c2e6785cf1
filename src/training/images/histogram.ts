import type { ImagesConfig } from "./config.ts";
import { countOf, sizeOf, type Images } from "./images.ts";
import { levelOf } from "./levels.ts";

/** What values cost without a model, in bits each, by counts in the training images. */
export interface HistogramBits {
  /** Each value by the counts of its channel. */
  readonly channel: number;
  /** Each value by the counts of its own place in the image. */
  readonly place: number;
}

/** Every level counts this much more than it was seen: none is impossible. */
const prior = 0.5;

/** Bits per value of `measured` under histograms of `train`. */
export function histogramBits(
  { task: { levels, channels } }: Pick<ImagesConfig, "task">,
  train: Images,
  measured: Images,
): HistogramBits {
  const size = sizeOf(train);
  const bitsBy = (bins: number, binOf: (place: number) => number): number => {
    const counts = new Float64Array(bins * levels).fill(prior);
    const totals = new Float64Array(bins).fill(prior * levels);
    train.values.forEach((byte, i) => {
      const bin = binOf(i % size);
      counts[bin * levels + levelOf(byte, levels)] += 1;
      totals[bin] += 1;
    });
    let bits = 0;
    measured.values.forEach((byte, i) => {
      const bin = binOf(i % size);
      bits -= Math.log2(counts[bin * levels + levelOf(byte, levels)] / totals[bin]);
    });
    return bits / (countOf(measured) * size);
  };
  return {
    channel: bitsBy(channels, (place) => place % channels),
    place: bitsBy(size, (place) => place),
  };
}
