import { checkNumber } from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError } from "../core/errors.ts";
import { checkSameStructure, structureOf } from "../core/tree.ts";
import { isValue, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { flattenValues } from "../transforms/flat-function.ts";
import { countFrom, nextCount } from "./count.ts";
import {
  applyUpdates,
  mapArrays,
  treeKind,
  checkedCalls,
  type GradientTransformation,
} from "./transformation.ts";

/** decay x + (1 - decay) y, for whole trees. */
const mixTrees = <T>(decay: number, before: T, now: T): T =>
  mapArrays(
    (x: Value, y: Value) => ops.add(ops.scale(x, decay), ops.scale(y, 1 - decay)),
    before,
    now,
  );

/** @throws ReformaxError unless 0 <= decay < 1 */
export function checkDecay(decay: number, where: string): number {
  if (checkNumber(decay, "the decay", where, 0) < 1) return decay;
  throw new ReformaxError("the decay lets nothing new in", {
    where,
    expected: "0 <= decay < 1",
    got: String(decay),
  });
}

export interface UpdateAverage {
  /** A tree like the parameters, zeros at first. */
  readonly mean: unknown;
}

/**
 * A moving mean of the updates in their place: m = decay m + (1 - decay) u, from m = 0. `optax.ema` without `debias`.
 *
 * @throws ReformaxError unless 0 <= decay < 1
 * @example
 * import { array } from "reformax/numpy";
 * import { averageUpdates } from "reformax/optim";
 * const mean = averageUpdates(0.5);
 * console.log(mean.update(array([4]), mean.init(array([0])), array([0]))[0].toArray()); // => [ 2 ]
 */
export function averageUpdates(decay: number): GradientTransformation<UpdateAverage> {
  checkDecay(decay, "averageUpdates");
  return checkedCalls(
    "averageUpdates",
    {
      init: (params) => ({ mean: mapArrays(ops.zerosLike, params) }),
      update: <Params>(updates: Params, { mean }: UpdateAverage) => {
        const next = mixTrees(decay, mean as Params, updates);
        return [next, { mean: next }] as const;
      },
    },
    { mean: treeKind },
  );
}

export interface ParameterAverage {
  /** Steps made so far, i32. Before the first one the average is the parameters themselves. */
  readonly count: Value;
  /** A tree like the parameters. */
  readonly averaged: unknown;
}

/**
 * Leaves the updates as they are, and keeps an exponential moving average of the parameters that they lead to: a = decay a +
 * (1 - decay) p. It comes last in a chain; {@link averagedParameters} reads it. `optax.ema` of parameters; Polyak & Juditsky 1992.
 *
 * @throws ReformaxError unless 0 <= decay < 1
 * @example
 * import { array } from "reformax/numpy";
 * import { averagedParameters, averageParameters, chain, sgd } from "reformax/optim";
 * const optimizer = chain(sgd(1), averageParameters(0.75));
 * const params = { w: array([8]) };
 * const [, state] = optimizer.update({ w: array([4]) }, optimizer.init(params), params);
 * console.log(averagedParameters(state, params).w.toArray()); // => [ 7 ]
 */
export function averageParameters(decay: number): GradientTransformation<ParameterAverage> {
  checkDecay(decay, "averageParameters");
  return checkedCalls(
    "averageParameters",
    {
      init: (params) => ({ ...countFrom(), averaged: mapArrays(ops.zerosLike, params) }),
      update: <Params>(updates: Params, state: ParameterAverage, params: Params) => {
        const before = begun(state, params);
        const averaged = mixTrees(decay, before, applyUpdates(params, updates));
        return [updates, { ...nextCount(state), averaged }] as const;
      },
    },
    { count: "array", averaged: treeKind },
  );
}

/** The average so far; the parameters before the first step. */
const begun = <Params>({ count, averaged }: ParameterAverage, params: Params): Params =>
  mapArrays(
    (param: Value, average: Value) => {
      const fresh = ops.broadcastInDim(ops.eq(count, ops.zerosLike(count)), param.shape, []);
      return ops.select(fresh, param, average);
    },
    params,
    averaged,
  );

/**
 * The average of the parameters that {@link averageParameters} keeps somewhere in an optimiser's state.
 *
 * @param like - the parameters of that state
 * @throws ReformaxError when there is none; TreeError when it is one of other parameters
 * @example
 * import { array } from "reformax/numpy";
 * import { averagedParameters, averageParameters } from "reformax/optim";
 * const params = array([1, 2]);
 * console.log(averagedParameters(averageParameters(0.9).init(params), params).toArray()); // => [ 1, 2 ]
 */
export function averagedParameters<Params>(state: unknown, like: Params): Params {
  const found = findAverage(state);
  if (found) {
    flattenValues(like, "averagedParameters");
    checkSameStructure(structureOf(found.averaged), structureOf(like), "averagedParameters");
    return begun(found, like);
  }
  throw new ReformaxError("the optimiser keeps no average of the parameters", {
    where: "averagedParameters",
    expected: "the state of a chain with averageParameters",
    got: describeArgument(state),
    fix: "Put averageParameters(decay) at the end of the chain.",
  });
}

function findAverage(state: unknown): ParameterAverage | null {
  if (typeof state !== "object" || state === null || isValue(state)) return null;
  if ("averaged" in state && "count" in state && isValue(state.count)) {
    return { count: state.count, averaged: state.averaged };
  }
  for (const part of Object.values(state)) {
    const found = findAverage(part);
    if (found) return found;
  }
  return null;
}
