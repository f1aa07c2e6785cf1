import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Json } from "../../edge/json.ts";
import {
  invalid,
  orThrow,
  unlessProblems,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import type { DeviceLimits } from "../../ir/backend.ts";
import { reformerProblems } from "../../reformer/models/config-fields.ts";
import { chunkForBudget } from "../../reformer/models/memory.ts";
import { longestLength } from "../../reformer/models/positions.ts";
import { struct } from "../../edge/decoder.ts";
import { optimizerCopies } from "../optimizer.ts";
import { modelConfig, type ModelConfig, type WrittenModelConfig } from "./model-config.ts";
import {
  dataConfig,
  trainingConfig,
  type DataConfig,
  type TrainingConfig,
} from "./training-config.ts";

/** Everything that decides a run's numbers, but for the data's bytes. */
export interface TrainConfig {
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  readonly data: DataConfig;
}

type WrittenConfig = Omit<TrainConfig, "model"> & { readonly model: WrittenModelConfig };

const sections = struct<WrittenConfig>({
  model: modelConfig,
  training: trainingConfig,
  data: dataConfig,
});

/** Who chooses chunks of rows that are `auto`. Without either, they are chosen for a processor. */
export interface ChunkSource {
  /** The device to compute on, as a backend tells of it. */
  readonly device?: DeviceLimits;
  /** The configuration of the run that goes on: its chunks are used, wherever they were chosen. */
  readonly resumed?: TrainConfig;
}

/**
 * Reads a complete configuration from JSON, filling in defaults.
 *
 * @returns the configuration, or every problem at once: unknown keys, wrong values, and parts that
 *   do not fit together
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { parseTrainConfig } from "reformax/training";
 * const parsed = parseTrainConfig({ model: { widht: 64 } });
 * console.log(E.isLeft(parsed) && parsed.left.find((p) => p.problem === "unknown key")?.fix);
 * // => Did you mean "width"?
 */
export const parseTrainConfig = (value: Json, chunks: ChunkSource = {}): Validated<TrainConfig> =>
  pipe(
    sections(value, ""),
    E.chain((config) => unlessProblems(contradictions(config), () => config)),
    E.chain((config) => chooseChunks(config, chunks)),
  );

/**
 * {@link parseTrainConfig}, throwing. From code, `trainConfig` is typed.
 *
 * @throws InputError with every problem at once
 * @example
 * import { parseTrainConfigOrThrow, presets } from "reformax/training";
 * const stored = JSON.stringify(presets["bytes-small"]);
 * console.log(parseTrainConfigOrThrow(JSON.parse(stored)).model.width); // => 128
 */
export const parseTrainConfigOrThrow = (value: Json): TrainConfig =>
  orThrow(parseTrainConfig(value));

/** Chunks that are `auto` become numbers: a function of the configuration, stored with it. */
function chooseChunks(
  config: WrittenConfig,
  { device, resumed }: ChunkSource,
): Validated<TrainConfig> {
  const { model, training } = config;
  const { feedForwardChunk, lossChunk } = model;
  const use = (chunks: Pick<ModelConfig, "feedForwardChunk" | "lossChunk">): TrainConfig => ({
    ...config,
    model: {
      ...model,
      feedForwardChunk: feedForwardChunk === "auto" ? chunks.feedForwardChunk : feedForwardChunk,
      lossChunk: lossChunk === "auto" ? chunks.lossChunk : lossChunk,
    },
  });
  if (resumed) return E.right(use(resumed.model));
  if (feedForwardChunk !== "auto" && lossChunk !== "auto") {
    return E.right(use({ feedForwardChunk, lossChunk }));
  }
  const { batch, length, memoryBudget } = training;
  const sizes = { batch, length, optimizerCopies: optimizerCopies(training) };
  const choice = chunkForBudget(model, sizes, memoryBudget, device);
  if (choice.needed === undefined) {
    return E.right(use({ feedForwardChunk: choice.chunk, lossChunk: choice.chunk }));
  }
  return invalid({
    where: "training.memoryBudget",
    problem: "is too small for a training step, whatever the chunks",
    expected: `at least ${choice.needed} bytes`,
    got: String(memoryBudget),
    fix: "Raise it, or lower training.batch, training.length or model.width.",
  });
}

function contradictions({ model, training, data }: WrittenConfig): readonly Problem[] {
  const { schedule, length } = training;
  return [
    ...vocabularyProblems(model, data),
    ...reformerProblems(model).map((found) => ({ ...found, where: `model.${found.where}` })),
    ...lengthProblems(model, length),
    ...maskProblems(model),
    ...(schedule.kind !== "oneCycle" && schedule.warmup > schedule.horizon
      ? [
          {
            where: "training.schedule.warmup",
            problem: "is longer than the whole schedule",
            expected: `at most the horizon, ${schedule.horizon}`,
            got: String(schedule.warmup),
          },
        ]
      : []),
    ...(training.update === "inSweep" && training.clip !== null
      ? [
          {
            where: "training.clip",
            problem: "needs all gradients at once, and training.update inSweep never has them",
            expected: "null",
            got: String(training.clip),
          },
        ]
      : []),
    ...(training.update === "inSweep" && model.reversible === "none"
      ? [
          {
            where: "training.update",
            problem: "needs a reverse sweep, which an ordinary residual network does not have",
            expected: '"afterwards", or model.reversible exact or float',
            got: '"inSweep"',
          },
        ]
      : []),
    ...((data.train === null) !== (data.validation === null)
      ? [{ where: "data", problem: "name both ranges, train and validation, or neither" }]
      : []),
  ];
}

const vocabularyProblems = (
  { vocabulary }: WrittenModelConfig,
  { tokens }: DataConfig,
): readonly Problem[] =>
  vocabulary === 256 || tokens !== "bytes"
    ? []
    : [
        {
          where: "model.vocabulary",
          problem: "does not fit the data: data.tokens are bytes",
          expected: "256",
          got: String(vocabulary),
        },
      ];

/** A run predicts the next token. */
const maskProblems = ({ mask }: WrittenModelConfig): readonly Problem[] =>
  mask === "causal"
    ? []
    : [
        {
          where: "model.mask",
          problem: "lets a model see the token that it is trained to predict",
          expected: '"causal"',
          got: JSON.stringify(mask),
          fix: "Models that see all tokens are trained by a task of one's own.",
        },
      ];

function lengthProblems({ positions }: WrittenModelConfig, length: number): readonly Problem[] {
  const where = `model.positions.${positions.kind === "learned" ? "length" : "shape"}`;
  const available = longestLength(positions);
  if (available >= length) return [];
  return [
    {
      where,
      problem: "has fewer positions than a training window",
      expected: `at least training.length, ${length}`,
      got: String(available),
    },
  ];
}
