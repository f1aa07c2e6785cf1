/** Gradient transformations (init, update), and schedules for their rates. */
// Makes the operations known and evaluates them, whichever module is imported first.
import "../transforms/index.ts";

export { accumulate, type AccumulationState } from "./accumulate.ts";
export {
  adafactor,
  clipByRms,
  scaleByParameterRms,
  type AdafactorConvention,
  type AdafactorOptions,
} from "./adafactor.ts";
export {
  adam,
  adamw,
  scaleByAdam,
  type AdamOptions,
  type AdamState,
  type AdamWOptions,
} from "./adam.ts";
export {
  averagedParameters,
  averageParameters,
  averageUpdates,
  type ParameterAverage,
  type UpdateAverage,
} from "./average.ts";
export { clipByGlobalNorm, clipByValue, globalNorm } from "./clip.ts";
export { addDecayedWeights, type DecayMask } from "./decay.ts";
export {
  scaleByFactoredRms,
  type FactoredOptions,
  type FactoredState,
  type SecondMoment,
} from "./factored-rms.ts";
export { momentum, sgd, type MomentumState, type SgdOptions } from "./momentum.ts";
export {
  scale,
  scaleByLearningRate,
  scaleBySchedule,
  type CountState,
  type LearningRate,
} from "./scale.ts";
export { join, oneCycle, piecewise, product, type OneCycleOptions } from "./joined-schedules.ts";
export {
  constant,
  cosine,
  cosineSawtooth,
  linear,
  relativeStep,
  rsqrt,
  warmup,
  warmupRsqrt,
} from "./rate-curves.ts";
export type { Schedule } from "./schedule.ts";
export {
  applyUpdates,
  chain,
  type GradientTransformation,
  type StatesOf,
} from "./transformation.ts";
