/** Gradient transformations (init, update), and schedules for their rates. */
// Makes the operations known and evaluates them, whichever module is imported first.
import "../transforms/index.ts";

export {
  adam,
  adamw,
  scaleByAdam,
  type AdamOptions,
  type AdamState,
  type AdamWOptions,
} from "./adam.ts";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clip.ts";
export { addDecayedWeights, type DecayMask } from "./decay.ts";
export { momentum, sgd, type MomentumState, type SgdOptions } from "./momentum.ts";
export {
  scale,
  scaleByLearningRate,
  scaleBySchedule,
  type CountState,
  type LearningRate,
} from "./scale.ts";
export {
  constant,
  cosine,
  cosineSawtooth,
  join,
  linear,
  piecewise,
  product,
  rsqrt,
  warmup,
  warmupRsqrt,
  type Schedule,
} from "./schedule.ts";
export {
  applyUpdates,
  chain,
  type GradientTransformation,
  type StatesOf,
} from "./transformation.ts";
