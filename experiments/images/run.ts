import { join } from "node:path";
import { writeAtomically } from "../../src/edge/node/atomic-write.ts";
import type { ReformerParams } from "../../src/reformer/index.ts";
import {
  completeImages,
  imagesTask,
  prepareImagesOrThrow,
  runKeys,
  type Images,
  type ImagesConfig,
} from "../../src/training/index.ts";
import { histogramBits } from "../../src/training/images/histogram.ts";
import { countOf, someImages } from "../../src/training/images/images.ts";
import { imagesFromOrThrow } from "../../src/training/images/read.ts";
import { imageSequences } from "../../src/training/images/sequences.ts";
import { measuredOf } from "../../src/training/measured-params.ts";
import { readData } from "../../src/training/node/data.ts";
import { uniformOf } from "../../src/training/run-keys.ts";
import { measureSequences } from "../../src/training/sequences/measure.ts";
import { scoreSequences } from "../../src/training/sequences/model.ts";
import type { FoundData } from "../frame/data.ts";
import type { Cell } from "../frame/experiment.ts";
import { seedCell } from "../frame/seed-cells.ts";
import { sampleOf } from "../frame/statistics.ts";
import { trainTask } from "../frame/train-task.ts";
import { completionsPng } from "./picture.ts";
import { formatOf, imagesConfig, type ImageVariant } from "./settings.ts";

/** The file with what a model of the first seed makes of halves. */
export const completionsFile = "completions.png";

/** A model of one set of images and one seed: how many bits it needs, and for the first seed what it writes. */
export const imagesCell = (variant: ImageVariant, seed: number): Cell => ({
  name: seedCell(variant.name, seed),
  run: async ({ log, sources, folder }) => {
    const { config, train, kept } = readImages(variant, seed, sources[variant.source.name]);
    const keys = runKeys(seed);
    const task = imagesTask({ config, data: { train, validation: kept }, keys });
    const { steps, lookEvery } = variant;
    const plan = { steps, lookEvery, watched: "bitsPerDimension" };
    const { state, numbers } = await trainTask(task, plan, log);
    const params = measuredOf<ReformerParams>(config.training)(state);
    const score = scoreSequences(config);
    const sequences = imageSequences(config, kept);
    const how = { key: keys.evaluation };
    const { bits, each } = await measureSequences(score, params, sequences, config, how);
    const random = { ...how, ablation: "lsh-buckets" } as const;
    const shuffled = await measureSequences(score, params, sequences, config, random);
    const { channel, place } = histogramBits(config, train, kept);
    if (seed === 0) {
      const png = await complete(variant, config, params, kept, log);
      writeAtomically(join(folder(), completionsFile), png);
    }
    return {
      bits,
      spread: sampleOf(each)?.deviation ?? null,
      shuffled: shuffled.bits,
      histogram: channel,
      placeHistogram: place,
      parameters: task.parameterCount(state),
      ...numbers,
    };
  },
});

interface ReadImages {
  readonly config: ImagesConfig;
  readonly train: Images;
  /** At the end of the data. */
  readonly kept: Images;
}

function readImages(variant: ImageVariant, seed: number, { path }: FoundData): ReadImages {
  const bytes = readData(path);
  const count = countOf(imagesFromOrThrow(bytes, variant, formatOf(path)));
  const config = imagesConfig(variant, seed, { path, count });
  const { data } = prepareImagesOrThrow(config, bytes);
  return { config, train: data.train, kept: data.validation };
}

/** Completes the lower halves of some images that are kept back, spread over all of them. */
async function complete(
  { height, width, channels, completed, temperature }: ImageVariant,
  config: ImagesConfig,
  params: ReformerParams,
  kept: Images,
  log: (line: string) => void,
): Promise<Uint8Array> {
  const every = Math.max(1, Math.floor(countOf(kept) / completed));
  const chosen = Array.from({ length: Math.min(completed, countOf(kept)) }, (_, i) =>
    someImages(kept, i * every, i * every + 1),
  );
  const originals = { ...kept, values: Uint8Array.from(chosen.flatMap((one) => [...one.values])) };
  const keys = runKeys(0);
  const given = Math.ceil(height / 2) * width * channels;
  const began = performance.now();
  const written = await completeImages(config, params, originals, {
    given,
    temperature,
    key: keys.evaluation,
    uniform: uniformOf(keys),
  });
  const values = chosen.length * (height * width * channels - given);
  const seconds = (performance.now() - began) / 1000;
  log(`completed ${chosen.length} images: ${(values / seconds).toFixed(0)} values a second`);
  return completionsPng(originals, written, given, config.task.levels);
}
