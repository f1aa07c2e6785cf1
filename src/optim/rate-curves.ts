import { checkNumber, checkOptions } from "../core/arguments.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { checkEnds, checkSteps, f32, schedule, type Schedule } from "./schedule.ts";

/**
 * The same value in every step. `optax.constant_schedule`.
 *
 * @example
 * import { constant } from "reformax/optim";
 * console.log(constant(0.5)(7).item()); // => 0.5
 */
export const constant = (value: number): Schedule => {
  checkNumber(value, "the value", "constant");
  return schedule("constant", () => f32(value));
};

/**
 * Rises evenly from 0 to `peak` in step `steps`, then stays: peak min(1, step / steps). trax'
 * `constant * linear_warmup`.
 *
 * @throws ReformaxError unless the number of steps is 0 or more; so do all schedules
 *
 * @example
 * import { warmup } from "reformax/optim";
 * console.log(warmup(4, 1)(1).item(), warmup(4, 1)(9).item()); // => 0.25 1
 */
export function warmup(steps: number, peak = 1): Schedule {
  const last = f32(Math.max(1, checkSteps(steps, "warmup")));
  checkNumber(peak, "the peak", "warmup");
  return schedule("warmup", (step) => ops.mul(f32(peak), ops.min(f32(1), ops.div(step, last))));
}

/**
 * 1 / sqrt(max(step, steps)): constant at first, then the inverse root. trax' factor `rsqrt_decay`
 * (Vaswani et al. 2017, section 5.3, without the width).
 *
 * @example
 * import { rsqrt } from "reformax/optim";
 * console.log(rsqrt(4)(1).item(), rsqrt(4)(16).item()); // => 0.5 0.25
 */
export function rsqrt(steps: number): Schedule {
  const least = f32(Math.max(1, checkSteps(steps, "rsqrt")));
  return schedule("rsqrt", (step) => ops.div(f32(1), ops.sqrt(ops.max(step, least))));
}

/**
 * Rises evenly to `peak` in step `steps` + 1, then decays with the inverse root of the step:
 * peak sqrt(steps + 1) / sqrt(step). `trax.supervised.lr_schedules.warmup_and_rsqrt_decay`.
 *
 * @example
 * import { warmupRsqrt } from "reformax/optim";
 * const rate = warmupRsqrt(24, 0.25);
 * console.log(rate(25).item(), rate(100).item()); // => 0.25 0.125
 */
export function warmupRsqrt(steps: number, peak: number): Schedule {
  checkSteps(steps, "warmupRsqrt");
  checkNumber(peak, "the peak", "warmupRsqrt");
  return schedule("warmupRsqrt", (step) => {
    const rising = ops.div(ops.mul(f32(peak), step), f32(steps + 1));
    const decaying = ops.div(f32(peak * Math.sqrt(steps + 1)), ops.sqrt(step));
    return ops.select(ops.le(step, f32(steps)), rising, decaying);
  });
}

/**
 * Half a cosine from `start` (step 0) to `end` (step `steps` and later; always where that is 0). Loshchilov & Hutter 2017;
 * `optax.cosine_decay_schedule`.
 *
 * @example
 * import { cosine } from "reformax/optim";
 * console.log(cosine(100, 0.3, 0.1)(0).item().toFixed(4), cosine(100, 0.3, 0.1)(200).item().toFixed(4)); // => 0.3000 0.1000
 */
export function cosine(steps: number, start = 1, end = 0): Schedule {
  checkEnds(start, end, "cosine");
  if (checkSteps(steps, "cosine") === 0) return constant(end);
  return schedule("cosine", (step) => halfCosine(ops.min(step, f32(steps)), steps, start, end));
}

/**
 * Half cosines from `start` to `end`, over and over: at every multiple of `steps` back to `start`.
 * `trax.supervised.lr_schedules.cosine_sawtooth`.
 *
 * @example
 * import { cosineSawtooth } from "reformax/optim";
 * console.log(cosineSawtooth(180, 0.3, 0.1)(90).item().toFixed(4), cosineSawtooth(180, 0.3, 0.1)(180).item().toFixed(4)); // => 0.2000 0.3000
 */
export function cosineSawtooth(steps: number, start = 1, end = 0): Schedule {
  checkEnds(start, end, "cosineSawtooth");
  checkSteps(steps, "cosineSawtooth", true);
  return schedule("cosineSawtooth", (step) =>
    halfCosine(ops.rem(step, f32(steps)), steps, start, end),
  );
}

function halfCosine(step: Value, steps: number, start: number, end: number): Value {
  const angle = ops.div(ops.mul(step, f32(Math.PI)), f32(steps));
  const height = ops.scale(ops.add(ops.cos(angle), f32(1)), 0.5);
  return ops.add(f32(end), ops.scale(height, start - end));
}

/**
 * min(0.01, 1 / sqrt(step)), or with `warmup` min(1e-6 step, 1 / sqrt(step)): the rate that transformers' `Adafactor` gives itself
 * with `relative_step` and `warmup_init`.
 *
 * @example
 * import { relativeStep } from "reformax/optim";
 * console.log(relativeStep()(1).item().toFixed(3), relativeStep()(40000).item().toFixed(3)); // => 0.010 0.005
 */
export function relativeStep(options: { readonly warmup?: boolean } = {}): Schedule {
  const { warmup: rises = false } = checkOptions(options, { warmup: "flag" }, "relativeStep");
  return schedule("relativeStep", (step) => {
    const most = rises ? ops.scale(step, 1e-6) : f32(1e-2);
    return ops.min(most, ops.div(f32(1), ops.sqrt(step)));
  });
}

/**
 * Straight from `start` (step 0) to `end` (step `steps` and later; always where that is 0). `optax.linear_schedule`.
 *
 * @example
 * import { linear } from "reformax/optim";
 * console.log(linear(10, 1, 0)(5).item()); // => 0.5
 */
export function linear(steps: number, start: number, end: number): Schedule {
  checkEnds(start, end, "linear");
  if (checkSteps(steps, "linear") === 0) return constant(end);
  return schedule("linear", (step) => {
    const progress = ops.div(ops.min(step, f32(steps)), f32(steps));
    return ops.add(f32(start), ops.scale(progress, end - start));
  });
}
