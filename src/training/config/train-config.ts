import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import type { Json } from "../../edge/json.ts";
import { invalid, unlessProblems, type Problem, type Validated } from "../../edge/problem.ts";
import { conventions } from "../../reformer/conventions.ts";
import { chunkForBudget } from "../../reformer/memory.ts";
import { struct } from "../../edge/decoder.ts";
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

/**
 * Reads a complete configuration from JSON, filling in defaults.
 *
 * @returns the configuration, or every problem at once: unknown keys, wrong values, and parts that do not fit together
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { parseTrainConfig } from "reformax/training";
 * const parsed = parseTrainConfig({ model: { widht: 64 } });
 * console.log(E.isLeft(parsed) && parsed.left.find((p) => p.problem === "unknown key")?.fix); // => Did you mean "width"?
 */
export const parseTrainConfig = (value: Json): Validated<TrainConfig> =>
  pipe(
    sections(value, ""),
    E.chain((config) => unlessProblems(contradictions(config), () => config)),
    E.chain(chooseChunks),
  );

/** Chunks that are `auto` become numbers: a function of the configuration, stored with it. */
function chooseChunks(config: WrittenConfig): Validated<TrainConfig> {
  const { model, training } = config;
  const { feedForwardChunk, lossChunk } = model;
  const use = (chunk: number | null): TrainConfig => ({
    ...config,
    model: {
      ...model,
      feedForwardChunk: feedForwardChunk === "auto" ? chunk : feedForwardChunk,
      lossChunk: lossChunk === "auto" ? chunk : lossChunk,
    },
  });
  if (feedForwardChunk !== "auto" && lossChunk !== "auto") return E.right(use(null));
  const { batch, length, optimizer, memoryBudget } = training;
  const optimizerCopies = optimizer.kind === "sgd" ? (optimizer.momentum > 0 ? 1 : 0) : 2;
  const choice = chunkForBudget(model, { batch, length, optimizerCopies }, memoryBudget);
  if (choice.needed === undefined) return E.right(use(choice.chunk));
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
    ...positionProblems(model, length),
    ...bucketProblems(model),
    ...tyingProblems(model),
    ...(schedule.warmup > schedule.horizon
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

/** An embedding is as wide as one stream: it cannot read both side by side. */
const tyingProblems = ({
  tiedEmbedding,
  conventions: name,
}: WrittenModelConfig): readonly Problem[] =>
  tiedEmbedding && conventions[name].merge === "concatenate"
    ? [
        {
          where: "model.tiedEmbedding",
          problem: `cannot be with the conventions "${name}", whose head reads both streams side by side`,
          expected: "conventions that merge the streams by their mean, such as lucidrains",
        },
      ]
    : [];

function positionProblems(
  { positions, width }: WrittenModelConfig,
  length: number,
): readonly Problem[] {
  if (positions.kind === "learned") {
    return longest("model.positions.length", positions.length, length);
  }
  const { shape, widths } = positions;
  const problems: Problem[] = [];
  if (shape.length !== widths.length) {
    problems.push({
      where: "model.positions.widths",
      problem: "there must be one width for each axis",
      expected: `${shape.length} widths`,
      got: String(widths.length),
    });
  }
  const sum = widths.reduce((total, n) => total + n, 0);
  if (sum !== width) {
    problems.push({
      where: "model.positions.widths",
      problem: "do not add up to the model's width",
      expected: String(width),
      got: `${widths.join(" + ")} = ${sum}`,
    });
  }
  const positionsInAll = shape.reduce((product, n) => product * n, 1);
  return [...problems, ...longest("model.positions.shape", positionsInAll, length)];
}

const longest = (where: string, positions: number, length: number): readonly Problem[] =>
  positions >= length
    ? []
    : [
        {
          where,
          problem: "has fewer positions than a training window",
          expected: `at least training.length, ${length}`,
          got: String(positions),
        },
      ];

/** A hash takes the argmax over [xR; -xR]: each factor of the number of buckets is even. */
function bucketProblems({ lsh }: WrittenModelConfig): readonly Problem[] {
  if (lsh.buckets === "auto") return [];
  const factors = typeof lsh.buckets === "number" ? [lsh.buckets] : lsh.buckets;
  return factors
    .filter((n) => n % 2 !== 0)
    .map((n) => ({
      where: "model.lsh.buckets",
      problem: "must be even",
      expected: "even factors, as half of the buckets are the other half's opposites",
      got: String(n),
    }));
}
