import { taskConfigCheck } from "../config/check-config.ts";
import { integer, oneOf, struct, withDefault } from "../../edge/decoder.ts";
import type { Json } from "../../edge/json.ts";
import { type Problem, type Validated } from "../../edge/problem.ts";
import { reformerProblems } from "../../reformer/models/config-problems.ts";
import { completeConfig } from "../config/complete-config.ts";
import { fullMaskProblems } from "../config/full-mask.ts";
import { modelConfig, type ModelConfig, type WrittenModelConfig } from "../config/model-config.ts";
import type { ChunkSource } from "../config/row-chunks.ts";
import { lengthProblems, rangeProblems, trainingProblems } from "../config/run-problems.ts";
import { rangeFields, trainingConfig, type TrainingConfig } from "../config/training-config.ts";
import type { TokenRange } from "../data/split.ts";

export const spansName = "spans";

/** Bytes, and one token that stands between question and passage. */
export const spanVocabulary = 257;
export const separator = 256;

/** Everything that decides the numbers of a run that learns to find answers in passages, but for the data's bytes. */
export interface SpansConfig {
  readonly task: {
    readonly kind: typeof spansName;
    /** Most bytes of an answer that is looked for. */
    readonly longestAnswer: number;
  };
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  /** Ranges of questions; null for the default split. Never where they lie. */
  readonly data: { readonly train: TokenRange | null; readonly validation: TokenRange | null };
}

const sections = struct({
  task: struct({
    kind: oneOf(spansName),
    longestAnswer: withDefault(integer({ min: 1, max: 2 ** 20 }), 128),
  }),
  model: modelConfig,
  training: trainingConfig,
  data: struct(rangeFields),
});

/** Reads a complete configuration from JSON, filling in defaults, or says everything that is wrong with it. */
export const parseSpansConfig = (value: Json, chunks: ChunkSource = {}): Validated<SpansConfig> =>
  completeConfig(sections(value, ""), contradictions, chunks);

interface Written {
  readonly model: WrittenModelConfig;
  readonly training: TrainingConfig;
  readonly data: SpansConfig["data"];
}

const contradictions = ({ model, training, data }: Written): readonly Problem[] => [
  ...(model.vocabulary === spanVocabulary
    ? []
    : [
        {
          where: "model.vocabulary",
          problem: "does not fit the data",
          expected: `${spanVocabulary}: bytes, and a token between question and passage`,
          got: String(model.vocabulary),
        },
      ]),
  ...reformerProblems(model).map((found) => ({ ...found, where: `model.${found.where}` })),
  ...lengthProblems(model.positions, training.length),
  ...fullMaskProblems(model),
  ...trainingProblems(training, model),
  ...rangeProblems(data),
];

/** Throws unless this is a complete configuration of a run. */
export const checkSpansConfig: (config: SpansConfig, where: string) => void =
  taskConfigCheck(parseSpansConfig);
