import type { JsonObject } from "../../src/edge/json.ts";
import { taskConfig, type ImageFormat, type ImagesConfig } from "../../src/training/index.ts";
import { cosineTo } from "../frame/cosine.ts";
import type { DataSource } from "../frame/data.ts";
import type { Size } from "../frame/experiment.ts";

export const mnist: DataSource = {
  name: "mnist",
  what: "images of digits as MNIST has them, 28 x 28 (idx, also .gz)",
  sample: "samples/mnist/digits-2000.idx3-ubyte.gz",
};

export const kodak: DataSource = {
  name: "kodak",
  what: "photographs in colour: a folder of PNG files, or 32 x 32 x 3 bytes each (.u8, also .gz)",
  sample: "samples/kodak",
};

/** How a path holds images. */
export const formatOf = (path: string): ImageFormat => (/\.u8(\.gz)?$/.test(path) ? "raw" : "auto");

/** One of the two sets of images, and how a model learns it. */
export interface ImageVariant {
  readonly name: "digits" | "colours";
  readonly source: DataSource;
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  readonly levels: number;
  readonly modelWidth: number;
  readonly layers: readonly ("local" | "lsh")[];
  /** Values of a chunk: of local layers, which see two of them, and of those that hash. */
  readonly localChunk: number;
  readonly chunk: number;
  readonly rounds: number;
  readonly batch: number;
  readonly steps: number;
  readonly rate: number;
  readonly lookEvery: number;
  /** Images at the end of the data, which no step learns from. */
  readonly kept: number;
  /** Of those, how many are looked at during training, and completed at the end. */
  readonly looked: number;
  readonly completed: number;
  /** Divides the logits of completions. */
  readonly temperature: number;
}

const digits: ImageVariant = {
  name: "digits",
  source: mnist,
  height: 28,
  width: 28,
  channels: 1,
  levels: 4,
  modelWidth: 64,
  layers: ["local", "lsh", "lsh"],
  localChunk: 28,
  chunk: 28,
  rounds: 2,
  batch: 4,
  steps: 1000,
  rate: 3e-3,
  lookEvery: 200,
  kept: 200,
  looked: 40,
  completed: 12,
  temperature: 0.8,
};

const colours: ImageVariant = {
  ...digits,
  name: "colours",
  source: kodak,
  height: 32,
  width: 32,
  channels: 3,
  levels: 32,
  modelWidth: 96,
  // The four pixels before: averaged over a longer window, the one beside drowns.
  localChunk: 12,
  chunk: 96,
  batch: 1,
  steps: 400,
  lookEvery: 100,
  kept: 48,
  looked: 8,
  completed: 8,
};

const tiny = {
  modelWidth: 16,
  layers: ["local", "lsh"],
  batch: 1,
  steps: 2,
  lookEvery: 1,
  kept: 2,
  looked: 1,
  completed: 2,
} as const;

export const settingsOf: Readonly<Record<Size, readonly ImageVariant[]>> = {
  // Strips of photographs, so that seconds are enough.
  smallest: [
    { ...digits, ...tiny },
    { ...colours, ...tiny, height: 4, width: 8, chunk: 24 },
  ],
  default: [digits, colours],
  full: [
    { ...digits, modelWidth: 256, levels: 256, batch: 8, steps: 20_000, lookEvery: 1000 },
    {
      ...colours,
      height: 64,
      width: 64,
      modelWidth: 512,
      layers: ["local", "lsh", "local", "lsh", "local", "lsh"],
      levels: 256,
      chunk: 192,
      rounds: 8,
      batch: 8,
      steps: 100_000,
      rate: 1e-3,
      lookEvery: 1000,
    },
  ],
};

/** What decides the numbers, without the names of files. */
export const settingsJson = ({ source, ...variant }: ImageVariant): JsonObject => ({
  ...variant,
  source: source.name,
});

/** The configuration of a run on `count` images of a path. */
export function imagesConfig(
  variant: ImageVariant,
  seed: number,
  { path, count }: { readonly path: string; readonly count: number },
): ImagesConfig {
  const { height, width, channels, levels, modelWidth, layers, chunk, rounds } = variant;
  const heads = Math.max(2, modelWidth / 32);
  const around = { before: 1, after: 0 };
  const half = modelWidth / 2;
  return taskConfig("images", {
    task: { height, width, channels, levels },
    model: {
      vocabulary: levels + 1,
      width: modelWidth,
      heads,
      headWidth: modelWidth / heads,
      feedForwardWidth: 2 * modelWidth,
      layers,
      local: { ...around, chunk: variant.localChunk },
      lsh: { ...around, chunk, rounds },
      // A row of the grid is a row of the image, a column one channel of a pixel.
      positions: { kind: "axial", shape: [height, width * channels], widths: [half, half] },
      feedForwardChunk: null,
      lossChunk: null,
    },
    training: {
      batch: variant.batch,
      length: height * width * channels,
      schedule: cosineTo(variant.steps, variant.rate, Math.ceil(variant.steps / 20)),
      validateBytes: variant.looked,
      seed,
    },
    data: {
      format: formatOf(path),
      train: [0, count - variant.kept],
      validation: [count - variant.kept, count],
    },
  });
}
