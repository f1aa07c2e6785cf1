import { taskConfigCheck } from "../config/check-config.ts";
import { listOf, oneOf, optional, string, struct, withDefault } from "../../edge/decoder.ts";
import type { Json } from "../../edge/json.ts";
import { type Problem, type Validated } from "../../edge/problem.ts";
import { reformerProblems } from "../../reformer/models/config-problems.ts";
import type { Pooling } from "../../reformer/outputs/classification.ts";
import { fullMaskProblems } from "../config/full-mask.ts";
import { completeConfig } from "../config/complete-config.ts";
import { modelConfig, type ModelConfig, type WrittenModelConfig } from "../config/model-config.ts";
import type { ChunkSource } from "../config/row-chunks.ts";
import { lengthProblems, rangeProblems, trainingProblems } from "../config/run-problems.ts";
import { rangeFields, trainingConfig, type TrainingConfig } from "../config/training-config.ts";
import type { LabelledFormat } from "../data/labelled.ts";
import type { TokenRange } from "../data/split.ts";

export const classifyName = "classify";

/** Which texts; never where they lie. */
export interface LabelDataConfig extends LabelledFormat {
  /** Ranges of texts; null for the default split. */
  readonly train: TokenRange | null;
  readonly validation: TokenRange | null;
}

/** Everything that decides the numbers of a run that learns to tell texts apart, but for the data's bytes. */
export interface ClassifyConfig {
  readonly task: {
    readonly kind: typeof classifyName;
    /** What stands for a text: the mean of its tokens, or its first one. */
    readonly pool: Pooling;
    /** Their names; absent before they are known: those of the training texts, in the order of their characters. */
    readonly classes?: readonly string[];
  };
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  readonly data: LabelDataConfig;
}

const sections = struct({
  task: struct({
    kind: oneOf(classifyName),
    pool: withDefault(oneOf("first", "mean"), "mean"),
    classes: optional(listOf(string, { min: 1 })),
  }),
  model: modelConfig,
  training: trainingConfig,
  data: struct({
    ...rangeFields,
    format: withDefault(oneOf("auto", "tsv", "jsonl"), "auto"),
    labelKey: withDefault(string, "label"),
    textKey: withDefault(string, "text"),
  }),
});

/** Reads a complete configuration from JSON, filling in defaults, or says everything that is wrong with it. */
export const parseClassifyConfig = (
  value: Json,
  chunks: ChunkSource = {},
): Validated<ClassifyConfig> => completeConfig(sections(value, ""), contradictions, chunks);

interface Written {
  readonly task: Pick<ClassifyConfig["task"], "classes">;
  readonly model: WrittenModelConfig;
  readonly training: TrainingConfig;
  readonly data: LabelDataConfig;
}

const contradictions = ({ task, model, training, data }: Written): readonly Problem[] => [
  ...classProblems(task.classes ?? []),
  ...(model.vocabulary === 256
    ? []
    : [
        {
          where: "model.vocabulary",
          problem: "does not fit the data: the tokens of texts are their bytes",
          expected: "256",
          got: String(model.vocabulary),
        },
      ]),
  ...reformerProblems(model).map((found) => ({ ...found, where: `model.${found.where}` })),
  ...lengthProblems(model.positions, training.length),
  ...fullMaskProblems(model),
  ...trainingProblems(training, model),
  ...rangeProblems(data),
];

function classProblems(classes: readonly string[]): readonly Problem[] {
  const seen = new Set<string>();
  const again = classes.filter((name) => seen.size === seen.add(name).size);
  return [...new Set(again)].map((name) => ({
    where: "task.classes",
    problem: "two classes have the same name",
    got: JSON.stringify(name),
  }));
}

/** Throws unless this is a complete configuration of a run. */
export const checkClassifyConfig: (config: ClassifyConfig, where: string) => void =
  taskConfigCheck(parseClassifyConfig);
