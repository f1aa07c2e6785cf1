import {
  checkFunction,
  checkKind,
  checkList,
  checkNumber,
  checkOptions,
} from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError, ShapeError } from "../core/errors.ts";
import { checkWholes } from "../core/whole.ts";
import { scalarTensor } from "../core/tensor.ts";
import type { Kind } from "../core/kinds.ts";
import { isValue, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";

/**
 * A factor, f32, that depends on the step number: a JavaScript number, or an i32 scalar that may be
 * traced. The first step is number 1, as in trax (optax counts from 0).
 */
export type Schedule = (step: number | Value) => Value;

/** A number of steps: finite, and not below 0. A share of a run's steps may have a fraction. */
function checkSteps(steps: number, where: string, positive = false): number {
  if (Number.isFinite(steps) && (positive ? steps > 0 : steps >= 0)) return steps;
  throw new ReformaxError("no such number of steps", {
    where,
    expected: positive ? "more than 0" : "0 or more",
    got: describeArgument(steps),
  });
}

function checkEnds(start: number, end: number, where: string): void {
  checkNumber(start, "the start", where);
  checkNumber(end, "the end", where);
}

const f32 = (value: number): Value => ops.literal(value, "f32");

const stepKind: Kind = {
  expected: "the number of a step, or an array of it",
  is: (x) => typeof x === "number" || isValue(x),
};

const toFloat = (step: number | Value, where: string): Value =>
  typeof step === "number"
    ? scalarTensor(step, "f32")
    : ops.convert(checkKind(step, stepKind, "step", where), "f32");

const schedule =
  (where: string, f: (step: Value) => Value): Schedule =>
  (step) =>
    f(toFloat(step, where));

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

export interface OneCycleOptions {
  /** Share of the steps in which the rate rises. Default 0.3. */
  readonly rising?: number;
  /** The first rate is the peak over this. Default 25. */
  readonly startDivisor?: number;
  /** The last rate is the first one over this. Default 10,000. */
  readonly endDivisor?: number;
}

/**
 * Half a cosine up to `peak`, then half a cosine down to almost nothing in step `steps`, where it stays. Smith & Topin 2018;
 * `optax.cosine_onecycle_schedule`, torch's `OneCycleLR`.
 *
 * @throws ReformaxError unless 0 < rising < 1, the divisors are above 0, and there is a step
 * @example
 * import { oneCycle } from "reformax/optim";
 * const rate = oneCycle(100, 1);
 * console.log([0, 30, 65, 100].map((step) => rate(step).item().toFixed(3))); // => [ '0.040', '1.000', '0.500', '0.000' ]
 */
export function oneCycle(steps: number, peak: number, options: OneCycleOptions = {}): Schedule {
  const {
    rising = 0.3,
    startDivisor = 25,
    endDivisor = 1e4,
  } = checkOptions(
    options,
    { rising: "number", startDivisor: "number", endDivisor: "number" },
    "oneCycle",
  );
  checkSteps(steps, "oneCycle", true);
  checkNumber(peak, "the peak", "oneCycle");
  const top = Math.floor(rising * steps);
  if (!(rising > 0 && rising < 1 && startDivisor > 0 && endDivisor > 0)) {
    throw new ReformaxError("no such cycle", {
      where: "oneCycle",
      expected: "0 < rising < 1, divisors above 0",
      got: `rising ${rising}, divisors ${startDivisor} and ${endDivisor}`,
    });
  }
  const first = peak / startDivisor;
  const up = cosine(top, first, peak);
  const down = cosine(steps - top, peak, first / endDivisor);
  return joined([Math.max(1, top)], [up, (step) => down(step)], "oneCycle");
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

/**
 * The product of schedules, as trax' `multifactor`: `product(constant(0.05), warmup(4000),
 * rsqrt(4000))`.
 *
 * @example
 * import { constant, product, warmup } from "reformax/optim";
 * console.log(product(constant(2), warmup(4))(1).item()); // => 0.5
 */
export const product = (...factors: readonly Schedule[]): Schedule => {
  for (const factor of factors) checkFunction(factor, "a factor", "product");
  return (step) => {
    checkKind(step, stepKind, "step", "product");
    return factors.map((factor) => factor(step)).reduce(ops.mul, f32(1));
  };
};

/**
 * `values[0]` before step `boundaries[0]`, `values[1]` from there to `boundaries[1]`, and so on.
 * `optax.piecewise_constant_schedule`, with values in place of factors.
 *
 * @throws ShapeError unless there is one value more than boundaries, which ascend
 * @example
 * import { piecewise } from "reformax/optim";
 * const rate = piecewise([10, 20], [1, 0.5, 0.25]);
 * console.log(rate(9).item(), rate(10).item(), rate(99).item()); // => 1 0.5 0.25
 */
export const piecewise = (boundaries: readonly number[], values: readonly number[]): Schedule =>
  joined(
    boundaries,
    checkList(values, "the list of values", "piecewise").map((value) =>
      constant(checkNumber(value, "a value", "piecewise")),
    ),
    "piecewise",
  );

/**
 * Schedules one after the other: the i-th runs from `boundaries[i - 1]` on, and counts its own
 * steps from there (0 at the boundary). `optax.join_schedules`.
 *
 * @throws ShapeError unless there is one schedule more than boundaries, which ascend
 * @example
 * import { constant, join, warmup } from "reformax/optim";
 * const rate = join([5], [warmup(4, 1), constant(0.5)]);
 * console.log(rate(2).item(), rate(5).item()); // => 0.5 0.5
 */
export const join = (boundaries: readonly number[], schedules: readonly Schedule[]): Schedule =>
  joined(boundaries, schedules, "join");

function joined(
  boundaries: readonly number[],
  schedules: readonly Schedule[],
  where: string,
): Schedule {
  checkWholes(boundaries, "a boundary", where);
  for (const each of checkList(schedules, "the list of schedules", where)) {
    checkFunction(each, "a schedule", where);
  }
  const ascending = boundaries.every((boundary, i) => i === 0 || boundary > boundaries[i - 1]);
  if (schedules.length !== boundaries.length + 1 || !ascending) {
    throw new ShapeError("boundaries do not fit", {
      where,
      expected: `${schedules.length - 1} ascending steps`,
      got: boundaries.join(", ") || "none",
    });
  }
  return (step) => {
    checkKind(step, stepKind, "step", where);
    if (typeof step === "number") {
      const begun = boundaries.filter((boundary) => step >= boundary).length;
      return schedules[begun](begun === 0 ? step : step - boundaries[begun - 1]);
    }
    return boundaries.reduce((current, boundary, i) => {
      // In the dtype of the step: f32 does not tell 16777216 from 16777217.
      const from = ops.literal(boundary, step.dtype);
      return ops.select(ops.ge(step, from), schedules[i + 1](ops.sub(step, from)), current);
    }, schedules[0](step));
  };
}
