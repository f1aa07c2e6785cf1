import { checkOptions } from "../../core/arguments.ts";
import { taskConfigCheck } from "./check-config.ts";
import { chunkSourceKinds, type ChunkSource } from "./row-chunks.ts";
import type { Json } from "../../edge/json.ts";
import { orThrow, type Problem, type Validated } from "../../edge/problem.ts";
import { reformerProblems } from "../../reformer/models/config-problems.ts";
import { struct } from "../../edge/decoder.ts";
import { causalMaskProblems } from "./causal-mask.ts";
import { completeConfig } from "./complete-config.ts";
import { modelConfig, type ModelConfig, type WrittenModelConfig } from "./model-config.ts";
import { lengthProblems, rangeProblems, trainingProblems } from "./run-problems.ts";
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
  completeConfig(
    sections(value, ""),
    contradictions,
    checkOptions(chunks, chunkSourceKinds, "parseTrainConfig"),
  );

/** Throws unless this is a complete configuration of a run. */
export const checkTrainConfig: (config: TrainConfig, where: string) => void =
  taskConfigCheck(parseTrainConfig);

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

const contradictions = ({ model, training, data }: WrittenConfig): readonly Problem[] => [
  ...vocabularyProblems(model, data),
  ...reformerProblems(model).map((found) => ({ ...found, where: `model.${found.where}` })),
  ...lengthProblems(model.positions, training.length),
  ...causalMaskProblems(model),
  ...trainingProblems(training, model),
  ...rangeProblems(data),
  ...tokenizerProblems(data),
];

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

const tokenizerProblems = ({ tokens, tokenizer }: DataConfig): readonly Problem[] => {
  const where = "data.tokenizer";
  if (tokens === "text" && tokenizer === undefined) {
    const fix = "Name its file with --tokenizer.";
    return [{ where, problem: "is missing: data.tokens are those of a text", fix }];
  }
  if (tokens === "text" || tokenizer === undefined) return [];
  return [
    { where, problem: "is of no use: data are tokens already", expected: "data.tokens text" },
  ];
};
