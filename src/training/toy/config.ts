import { taskConfigCheck } from "../config/check-config.ts";
import { integer, oneOf, optional, struct, withDefault } from "../../edge/decoder.ts";
import type { Json } from "../../edge/json.ts";
import type { Problem, Validated } from "../../edge/problem.ts";
import { reformerProblems } from "../../reformer/models/config-problems.ts";
import { causalMaskProblems } from "../config/causal-mask.ts";
import { completeConfig } from "../config/complete-config.ts";
import { modelConfig, type ModelConfig, type WrittenModelConfig } from "../config/model-config.ts";
import type { ChunkSource } from "../config/row-chunks.ts";
import { afterwardsOnly, lengthProblems, trainingProblems } from "../config/run-problems.ts";
import { rangeFields, trainingConfig, type TrainingConfig } from "../config/training-config.ts";
import type { TokenRange } from "../data/split.ts";
import type { ToyShape } from "./sequences.ts";
import { toyNames, toyOf, type ToyName } from "./toys.ts";

export const toyName = "toy";

/** Everything that decides the numbers of a run that learns a toy task. */
export interface ToyConfig {
  readonly task: {
    readonly kind: typeof toyName;
    readonly name: ToyName;
    /** Different symbols; those of the task where it is absent. */
    readonly symbols?: number;
  };
  readonly model: ModelConfig;
  readonly training: TrainingConfig;
  /** There is none: sequences are made as they are needed. */
  readonly data: { readonly train: TokenRange | null; readonly validation: TokenRange | null };
}

const sections = struct({
  task: struct({
    kind: oneOf(toyName),
    name: withDefault(oneOf(...toyNames), "copy"),
    symbols: optional(integer({ min: 1, max: 65_534 })),
  }),
  model: modelConfig,
  training: trainingConfig,
  data: struct(rangeFields),
});

/** Reads a complete configuration from JSON, filling in defaults, or says everything that is wrong with it. */
export const parseToyConfig = (value: Json, chunks: ChunkSource = {}): Validated<ToyConfig> =>
  completeConfig(sections(value, ""), contradictions, chunks);

/** The sequences of a run. */
export const shapeOf = ({
  task: { name, symbols },
  training,
}: Pick<ToyConfig, "task" | "training">): ToyShape => ({
  name,
  symbols: symbols ?? toyOf(name).symbols,
  length: training.length,
});

type Written = Omit<ToyConfig, "model"> & { readonly model: WrittenModelConfig };

const contradictions = ({ task, model, training, data }: Written): readonly Problem[] => [
  ...sizeProblems(task.name, training.length),
  ...vocabularyProblems(shapeOf({ task, training }), model.vocabulary),
  ...reformerProblems(model).map((found) => ({ ...found, where: `model.${found.where}` })),
  ...lengthProblems(model.positions, training.length),
  ...causalMaskProblems(model),
  ...trainingProblems(training, model),
  ...afterwardsOnly(training),
  ...(data.train || data.validation
    ? [{ where: "data", problem: "a toy task makes its sequences itself: there are no ranges" }]
    : []),
];

function sizeProblems(name: ToyName, length: number): readonly Problem[] {
  if (toyOf(name).size(length) >= 1) return [];
  const fits = (tokens: number): boolean => toyOf(name).size(tokens) >= 1;
  const least = Array.from({ length: 16 }, (_, i) => i).find(fits);
  return [
    {
      where: "training.length",
      problem: `has no room for a question and its answer of the task ${name}`,
      expected: `at least ${String(least)}`,
      got: String(length),
    },
  ];
}

function vocabularyProblems({ name, symbols }: ToyShape, vocabulary: number): readonly Problem[] {
  const least = Math.max(3, toyOf(name).vocabulary(symbols));
  if (vocabulary >= least) return [];
  return [
    {
      where: "model.vocabulary",
      problem: "has no room for all tokens",
      expected: `at least ${least}, for ${name} of ${symbols} symbols`,
      got: String(vocabulary),
    },
  ];
}

/** Throws unless this is a complete configuration of a run. */
export const checkToyConfig: (config: ToyConfig, where: string) => void =
  taskConfigCheck(parseToyConfig);
