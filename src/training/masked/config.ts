import { taskConfigCheck } from "../config/check-config.ts";
import { number, oneOf, struct, withDefault } from "../../edge/decoder.ts";
import type { Json } from "../../edge/json.ts";
import { type Problem, type Validated } from "../../edge/problem.ts";
import { reformerProblems } from "../../reformer/models/config-problems.ts";
import { fullMaskProblems } from "../config/full-mask.ts";
import { completeConfig } from "../config/complete-config.ts";
import { modelConfig, type ModelConfig, type WrittenModelConfig } from "../config/model-config.ts";
import type { ChunkSource } from "../config/row-chunks.ts";
import { lengthProblems, rangeProblems, trainingProblems } from "../config/run-problems.ts";
import {
  dataConfig,
  trainingConfig,
  type DataConfig,
  type TrainingConfig,
} from "../config/training-config.ts";

export const maskedName = "masked";

/** Everything that decides the numbers of a run that learns to fill in hidden tokens, but for the data's bytes. */
export interface MaskedConfig {
  readonly task: {
    readonly kind: typeof maskedName;
    /** Share of tokens that are to be found again. */
    readonly rate: number;
  };
  /** The last token of its vocabulary stands for hidden ones. */
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  readonly data: DataConfig;
}

const sections = struct({
  task: struct({
    kind: oneOf(maskedName),
    rate: withDefault(number({ above: 0, below: 1 }), 0.15),
  }),
  model: modelConfig,
  training: trainingConfig,
  data: dataConfig,
});

/** Reads a complete configuration from JSON, filling in defaults, or says everything that is wrong with it. */
export const parseMaskedConfig = (value: Json, chunks: ChunkSource = {}): Validated<MaskedConfig> =>
  completeConfig(sections(value, ""), contradictions, chunks);

interface Written {
  readonly model: WrittenModelConfig;
  readonly training: TrainingConfig;
  readonly data: DataConfig;
}

const contradictions = ({ model, training, data }: Written): readonly Problem[] => [
  ...(data.tokens === "bytes" && model.vocabulary !== 257
    ? [
        {
          where: "model.vocabulary",
          problem: "does not fit the data: data.tokens are bytes",
          expected: "257, with the token that stands for hidden ones",
          got: String(model.vocabulary),
        },
      ]
    : []),
  ...(data.tokens === "text"
    ? [
        {
          where: "data.tokens",
          problem: "is not possible for this task",
          expected: "bytes or u16le",
          got: "text",
        },
      ]
    : []),
  ...reformerProblems(model).map((found) => ({ ...found, where: `model.${found.where}` })),
  ...lengthProblems(model.positions, training.length),
  ...fullMaskProblems(model),
  ...trainingProblems(training, model),
  ...rangeProblems(data),
];

/** Throws unless this is a complete configuration of a run. */
export const checkMaskedConfig: (config: MaskedConfig, where: string) => void =
  taskConfigCheck(parseMaskedConfig);
