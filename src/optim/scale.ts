import { checkFunction, checkNumber } from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { multiply } from "../numpy/arithmetic.ts";
import { countFrom, nextCount } from "./count.ts";
import type { Schedule } from "./schedule.ts";
import {
  mapArrays,
  checkedCalls,
  stateless,
  type GradientTransformation,
} from "./transformation.ts";

/**
 * Updates times a constant. `optax.scale`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { scale } from "reformax/optim";
 * console.log(scale(-1).update(array([2]), null, array([0]))[0].toArray()); // => [ -2 ]
 */
export function scale(factor: number): GradientTransformation<null> {
  checkNumber(factor, "the factor", "scale");
  return stateless("scale", (updates) => mapArrays((update) => ops.scale(update, factor), updates));
}

/** Steps made so far, i32. */
export interface CountState {
  readonly count: Value;
}

/**
 * Updates times a schedule of the step number, 1 in the first step. `optax.scale_by_schedule`,
 * which counts from 0.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { scaleBySchedule, warmup } from "reformax/optim";
 * const rate = scaleBySchedule(warmup(4, 1));
 * console.log(rate.update(array([8]), rate.init(null), array([0]))[0].toArray()); // => [ 2 ]
 */
export const scaleBySchedule = (schedule: Schedule): GradientTransformation<CountState> => {
  checkFunction(schedule, "the schedule", "scaleBySchedule");
  return checkedCalls(
    "scaleBySchedule",
    {
      init: countFrom,
      update: (updates, state) => {
        const next = nextCount(state);
        const factor = schedule(next.count);
        return [mapArrays((update) => multiply(update, factor), updates), next];
      },
    },
    { count: "array" },
  );
};

/** A constant rate, or one that depends on the step. */
export type LearningRate = number | Schedule;

/**
 * Updates times minus the rate, so that adding them descends. `optax.scale_by_learning_rate`.
 *
 * @throws ReformaxError when the rate is neither a number nor a schedule
 * @example
 * import { array } from "reformax/numpy";
 * import { scaleByLearningRate } from "reformax/optim";
 * const step = scaleByLearningRate(0.5);
 * console.log(step.update(array([2]), step.init(null), array([0]))[0].toArray()); // => [ -1 ]
 */
export const scaleByLearningRate = (rate: LearningRate): GradientTransformation =>
  scaleByRate(rate, "scaleByLearningRate");

/** {@link scaleByLearningRate} for the optimiser of that name. */
export function scaleByRate(rate: LearningRate, where: string): GradientTransformation {
  if (typeof rate === "number") return scale(-rate);
  if (typeof rate === "function") return scaleBySchedule((step) => ops.neg(rate(step)));
  throw new ReformaxError("no such learning rate", {
    where,
    expected: "a number or a schedule",
    got: describeArgument(rate),
    fix: "The rate is the first argument, as in adam(1e-3); options come behind it.",
  });
}
