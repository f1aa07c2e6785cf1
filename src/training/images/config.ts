import { taskConfigCheck } from "../config/check-config.ts";
import * as E from "fp-ts/lib/Either.js";
import { integer, oneOf, struct, withDefault, type Decoder } from "../../edge/decoder.ts";
import type { Json } from "../../edge/json.ts";
import { invalid, type Problem, type Validated } from "../../edge/problem.ts";
import { reformerProblems } from "../../reformer/models/config-problems.ts";
import { causalMaskProblems } from "../config/causal-mask.ts";
import { completeConfig } from "../config/complete-config.ts";
import { modelConfig, type ModelConfig, type WrittenModelConfig } from "../config/model-config.ts";
import type { ChunkSource } from "../config/row-chunks.ts";
import {
  afterwardsOnly,
  lengthProblems,
  rangeProblems,
  trainingProblems,
} from "../config/run-problems.ts";
import { rangeFields, trainingConfig, type TrainingConfig } from "../config/training-config.ts";
import type { TokenRange } from "../data/split.ts";
import { sizeOf, type ImageShape } from "./images.ts";
import type { ImageFormat } from "./read.ts";

export const imagesName = "images";

/** Which images; never where they lie. */
export interface ImageDataConfig {
  readonly format: ImageFormat;
  /** Ranges of images; null for the default split. */
  readonly train: TokenRange | null;
  readonly validation: TokenRange | null;
}

/** Everything that decides the numbers of a run that learns images value by value, but for the data's bytes. */
export interface ImagesConfig {
  readonly task: ImageShape & {
    readonly kind: typeof imagesName;
    /** A value is one of so many evenly spaced ones. */
    readonly levels: number;
  };
  /** Tokens are values, from 0 up; the token `levels` stands before an image. */
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  readonly data: ImageDataConfig;
}

const side = integer({ min: 1, max: 4096 });

const channelCount: Decoder<1 | 3> = (value, where) =>
  value === 1 || value === 3
    ? E.right(value)
    : invalid({ where, problem: "wrong value", expected: "1, grey, or 3, colours" });

const sections = struct({
  task: struct({
    kind: oneOf(imagesName),
    height: withDefault(side, 28),
    width: withDefault(side, 28),
    channels: withDefault(channelCount, 1),
    levels: withDefault(integer({ min: 2, max: 256 }), 256),
  }),
  model: modelConfig,
  training: trainingConfig,
  data: struct({
    ...rangeFields,
    format: withDefault(oneOf("auto", "idx", "png", "raw"), "auto"),
  }),
});

/** Reads a complete configuration from JSON, filling in defaults, or says everything that is wrong with it. */
export const parseImagesConfig = (value: Json, chunks: ChunkSource = {}): Validated<ImagesConfig> =>
  completeConfig(sections(value, ""), contradictions, chunks);

type Written = Omit<ImagesConfig, "model"> & { readonly model: WrittenModelConfig };

const contradictions = ({ task, model, training, data }: Written): readonly Problem[] => [
  ...(training.length === sizeOf(task)
    ? []
    : [
        {
          where: "training.length",
          problem: "is not the number of values of an image",
          expected: `${sizeOf(task)}, ${task.height} x ${task.width} x ${task.channels}`,
          got: String(training.length),
        },
      ]),
  ...(model.vocabulary > task.levels
    ? []
    : [
        {
          where: "model.vocabulary",
          problem: "has no room for all tokens",
          expected: `at least ${task.levels + 1}: the levels, and what stands before an image`,
          got: String(model.vocabulary),
        },
      ]),
  ...reformerProblems(model).map((found) => ({ ...found, where: `model.${found.where}` })),
  ...lengthProblems(model.positions, training.length),
  ...causalMaskProblems(model),
  ...trainingProblems(training, model),
  ...afterwardsOnly(training),
  ...rangeProblems(data),
];

/** Throws unless this is a complete configuration of a run. */
export const checkImagesConfig: (config: ImagesConfig, where: string) => void =
  taskConfigCheck(parseImagesConfig);
