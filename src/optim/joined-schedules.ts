import {
  checkFunction,
  checkKind,
  checkList,
  checkNumber,
  checkOptions,
} from "../core/arguments.ts";
import { ReformaxError, ShapeError } from "../core/errors.ts";
import { checkWholes } from "../core/whole.ts";
import * as ops from "../ir/ops.ts";
import { constant, cosine } from "./rate-curves.ts";
import { checkSteps, f32, stepKind, type Schedule } from "./schedule.ts";

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
