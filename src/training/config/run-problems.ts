import type { Problem } from "../../edge/problem.ts";
import type { PositionConfig, ReformerConfig } from "../../reformer/models/config.ts";
import { longestLength } from "../../reformer/models/positions.ts";
import type { TokenRange } from "../data/split.ts";
import type { TrainingConfig } from "./training-config.ts";

/** Of the sections about learning and the model what does not fit together, whatever is learned. */
export const trainingProblems = (
  { schedule, update, clip }: TrainingConfig,
  { reversible, tiedLayers }: Pick<ReformerConfig, "reversible" | "tiedLayers">,
): readonly Problem[] => [
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
  ...(update === "inSweep" && clip !== null
    ? [
        {
          where: "training.clip",
          problem: "needs all gradients at once, and training.update inSweep never has them",
          expected: "null",
          got: String(clip),
        },
      ]
    : []),
  ...(update === "inSweep" && reversible === "none"
    ? [
        {
          where: "training.update",
          problem: "needs a reverse sweep, which an ordinary residual network does not have",
          expected: '"afterwards", or model.reversible exact or float',
          got: '"inSweep"',
        },
      ]
    : []),
  ...(update === "inSweep" && tiedLayers !== undefined
    ? [
        {
          where: "training.update",
          problem: "would update what tied layers share before its gradient is complete",
          expected: '"afterwards", or no model.tiedLayers',
          got: '"inSweep"',
        },
      ]
    : []),
];

/** Positions for all tokens of a window. `section` names where they stand. */
export function lengthProblems(
  positions: PositionConfig,
  length: number,
  section = "model",
): readonly Problem[] {
  const where = `${section}.positions.${positions.kind === "learned" ? "length" : "shape"}`;
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

/** Ranges of data are named together. */
export const rangeProblems = ({
  train,
  validation,
}: {
  readonly train: TokenRange | null;
  readonly validation: TokenRange | null;
}): readonly Problem[] =>
  (train === null) === (validation === null)
    ? []
    : [{ where: "data", problem: "name both ranges, train and validation, or neither" }];

/** Of tasks that cannot be learned layer by layer inside of the reverse sweep. */
export const afterwardsOnly = ({ update }: TrainingConfig): readonly Problem[] =>
  update === "afterwards"
    ? []
    : [
        {
          where: "training.update",
          problem: "is not possible for this task",
          expected: '"afterwards"',
          got: JSON.stringify(update),
        },
      ];
