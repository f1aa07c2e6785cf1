import type { ReformerParams } from "../reformer/models/params.ts";
import type { UpdateState } from "../reformer/models/update-through.ts";
import { oncePer } from "../reformer/once-per.ts";
import { averagedParameters } from "../optim/index.ts";
import { jit } from "../transforms/index.ts";
import type { TrainConfig } from "./config/train-config.ts";
import { concreteTree } from "./concrete-tree.ts";
import type { LearnerState } from "./task/learner.ts";
import type { ReformerState } from "./reformer-step.ts";

/** The parameters that a run is measured and predicts with: their average, where the configuration keeps one. */
export function measuredParams({
  training: { average, update },
}: Pick<TrainConfig, "training">): (state: ReformerState) => ReformerParams {
  if (average === undefined) return ({ params }) => params;
  const averaged = jit(update === "inSweep" ? averagedLayers : averagedWhole, {
    name: "averagedParameters",
  });
  return oncePer(averaged);
}

const averagedWhole = <Params>({ params, optimizer }: LearnerState<Params>): Params =>
  averagedParameters(optimizer, params);

/** The same for parameters of any kind that have one optimiser's state together. */
export const measuredOf =
  <Params>({ average }: Pick<TrainConfig["training"], "average">) =>
  (state: LearnerState<Params>): Params =>
    average === undefined ? state.params : concreteTree(averagedWhole(state));

/** The same of a state that a checkpoint holds, which is of the type that the configuration's task gives it. */
export const measuredIn = <State extends LearnerState<unknown>>(
  { training }: Pick<TrainConfig, "training">,
  state: unknown,
): State["params"] => measuredOf<State["params"]>(training)(state as State);

/** Where each layer has a state of its own. */
function averagedLayers({ params, optimizer }: ReformerState): ReformerParams {
  const { layers: states, ends } = optimizer as UpdateState["optimizer"];
  const { layers, ...below } = params;
  return {
    ...averagedParameters(ends, below),
    layers: layers.map((layer, i) => averagedParameters(states[i], layer)),
  };
}
