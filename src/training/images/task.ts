import { checkImages } from "./images.ts";
import { checkTaskOptions } from "../task/check-options.ts";
import type { ReformerParams } from "../../reformer/models/params.ts";
import { drawn } from "../data/drawn.ts";
import { measuredOf } from "../measured-params.ts";
import { runKeys, type RunKeys } from "../run-keys.ts";
import { gatherSequences } from "../sequences/batch.ts";
import { measureSequences } from "../sequences/measure.ts";
import { scoreSequences, sequenceLearner } from "../sequences/model.ts";
import {
  learnerMetrics,
  type LearnedTask,
  type LearnerState,
  type LearnerValues,
} from "../task/learner.ts";
import type { Metric } from "../task/metric.ts";
import { checkImagesConfig, imagesName, type ImagesConfig } from "./config.ts";
import type { ImagesData } from "./data.ts";
import { histogramBits } from "./histogram.ts";
import { countOf, someImages } from "./images.ts";
import { imageSequence, imageSequences } from "./sequences.ts";

/** What a step of learning images reports. */
export interface ImagesValues extends LearnerValues {
  /** Of each value, of `levels` possible ones. */
  readonly bitsPerDimension: number;
  readonly imagesPerSecond: number;
}

export interface ImagesMeasurement {
  readonly bitsPerDimension: number;
  /** The same by counts of the training images, whichever is better: of a channel, or of a place. */
  readonly histogram: number;
  readonly images: number;
}

export type ImagesState = LearnerState<ReformerParams>;

export interface ImagesOptions {
  readonly config: ImagesConfig;
  readonly data: ImagesData;
  /** Default: those of the configuration's seed. */
  readonly keys?: RunKeys;
}

const loss: Metric = {
  name: "bitsPerDimension",
  unit: "bits/dimension",
  digits: 3,
  role: "loss",
};

/**
 * Learning images value by value, row by row and channel by channel: each from all before it in its image (the paper's section 5,
 * imagenet64). Images of a step are drawn at random.
 *
 * @example
 * import { init } from "reformax";
 * import { finish, imagesTask, prepareImagesOrThrow, taskConfig, train } from "reformax/training";
 * await init();
 * const positions = { kind: "axial", shape: [4, 4], widths: [32, 32] } as const;
 * const chosen = taskConfig("images", {
 *   task: { height: 4, width: 4 }, model: { positions }, training: { batch: 1, length: 16 }, data: { format: "raw" },
 * });
 * const { config, data } = prepareImagesOrThrow(chosen, Uint8Array.from({ length: 320 }, (_, i) => i % 16));
 * const losses: number[] = [];
 * await finish(train({ task: imagesTask({ config, data }), steps: 2 }), ({ metrics }) =>
 *   losses.push(metrics.bitsPerDimension));
 * console.log(losses.length, losses[0] > 1); // => 2 true
 */
export function imagesTask(
  options: ImagesOptions,
): LearnedTask<ImagesState, ImagesValues, ImagesMeasurement> {
  checkTaskOptions(options, { data: "object" }, checkImagesConfig, "imagesTask");
  const { config, data, keys = runKeys(config.training.seed) } = options;
  const { train, validation } = data;
  checkImages(train, "data.train", "imagesTask");
  checkImages(validation, "data.validation", "imagesTask");
  const { batch, length, validateBytes } = config.training;
  const count = countOf(train);
  const learned = sequenceLearner(config);
  const score = scoreSequences(config);
  const measured = someImages(
    validation,
    0,
    Math.min(countOf(validation), validateBytes ?? Infinity),
  );
  return {
    ...learned,
    name: imagesName,
    metrics: [
      loss,
      { name: "imagesPerSecond", unit: "images/s", digits: 1, role: "speed" },
      ...learnerMetrics,
    ],
    measured: [
      { ...loss, digits: 4 },
      { name: "histogram", unit: "bits/dimension", digits: 4 },
      { name: "images", unit: "images", digits: 0, role: "sample" },
    ],
    config,
    keys,
    batch: (step) => {
      const words = keys.words(step, batch);
      const chosen = Array.from(words, (word) => imageSequence(config, train, drawn(word, count)));
      return gatherSequences(chosen, length);
    },
    read: (metrics, facts): ImagesValues => {
      const { nats, ...rest } = learned.read(metrics, facts);
      const imagesPerSecond = batch / facts.seconds;
      return { bitsPerDimension: nats / Math.LN2, ...rest, imagesPerSecond };
    },
    ...(countOf(measured) > 0 && {
      measure: async (state: ImagesState, { breathe }): Promise<ImagesMeasurement> => {
        const params = measuredOf<ReformerParams>(config.training)(state);
        const sequences = imageSequences(config, measured);
        const how = { key: keys.evaluation, breathe };
        const { bits } = await measureSequences(score, params, sequences, config, how);
        const { channel, place } = histogramBits(config, train, measured);
        return {
          bitsPerDimension: bits,
          histogram: Math.min(channel, place),
          images: sequences.length,
        };
      },
    }),
  };
}
