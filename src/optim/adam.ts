import { checkOptions } from "../core/arguments.ts";
import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { multiply } from "../numpy/arithmetic.ts";
import { countFrom, nextCount } from "./count.ts";
import { addDecayedWeights, type DecayMask } from "./decay.ts";
import { scaleByRate, type LearningRate } from "./scale.ts";
import {
  chain,
  mapArrays,
  treeKind,
  checkedCalls,
  type GradientTransformation,
} from "./transformation.ts";

export interface AdamOptions {
  /** Decay of the mean of the gradients. Default 0.9. */
  readonly b1?: number;
  /** Decay of the mean of their squares. Default 0.999. */
  readonly b2?: number;
  /** Added to the root of the second moment. Default 1e-8. */
  readonly epsilon?: number;
}

export interface AdamState {
  /** Steps made so far, i32. */
  readonly count: Value;
  /** First and second moments, trees like the parameters. */
  readonly first: unknown;
  readonly second: unknown;
}

/**
 * Updates divided by the root of their second moment, both moments corrected for their start at 0:
 * (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon). Kingma & Ba 2015; `optax.scale_by_adam`.
 *
 * @throws ReformaxError unless 0 <= b1, b2 < 1 and epsilon >= 0
 * @example
 * import { array } from "reformax/numpy";
 * import { scaleByAdam } from "reformax/optim";
 * const step = scaleByAdam();
 * const [updates] = step.update(array([5]), step.init(array([0])), array([0]));
 * console.log(updates.item().toFixed(4)); // => 1.0000
 */
export function scaleByAdam(options: AdamOptions = {}): GradientTransformation<AdamState> {
  const {
    b1 = 0.9,
    b2 = 0.999,
    epsilon = 1e-8,
  } = checkOptions(options, { b1: "number", b2: "number", epsilon: "number" }, "adam");
  checkDecay(b1, "b1");
  checkDecay(b2, "b2");
  if (!(epsilon >= 0)) {
    throw new ReformaxError("epsilon out of range", {
      where: "adam",
      expected: "0 or more",
      got: String(epsilon),
    });
  }
  return checkedCalls(
    "adam",
    {
      init: (params) => ({
        ...countFrom(),
        first: mapArrays(ops.zerosLike, params),
        second: mapArrays(ops.zerosLike, params),
      }),
      update: (gradients, state) => {
        const { count } = nextCount(state);
        const first = mapArrays((m, g) => mix(b1, m, g), state.first, gradients);
        const second = mapArrays((v, g) => mix(b2, v, ops.mul(g, g)), state.second, gradients);
        const corrections = [biasCorrection(b1, count), biasCorrection(b2, count)];
        const direction = (_: Value, m: Value, v: Value): Value => {
          const root = ops.sqrt(multiply(v, corrections[1]));
          return ops.div(multiply(m, corrections[0]), ops.add(root, ops.fullLike(root, epsilon)));
        };
        return [mapArrays(direction, gradients, first, second), { count, first, second }];
      },
    },
    { count: "array", first: treeKind, second: treeKind },
  );
}

/** decay x + (1 - decay) y */
const mix = (decay: number, x: Value, y: Value): Value =>
  ops.add(ops.scale(x, decay), ops.scale(y, 1 - decay));

/** 1 / (1 - decay^count), as -expm1(count log1p(decay - 1)): 1 - 0.999 would cost ten bits. */
function biasCorrection(decay: number, count: Value): Value {
  const one = ops.literal(1, "f32");
  if (decay === 0) return one;
  const logDecay = ops.log1p(ops.literal(decay - 1, "f32"));
  return ops.div(one, ops.neg(ops.expm1(ops.mul(ops.convert(count, "f32"), logDecay))));
}

function checkDecay(decay: number, name: string): void {
  if (decay >= 0 && decay < 1) return;
  throw new ReformaxError(`${name} out of range`, {
    where: "adam",
    expected: `0 <= ${name} < 1`,
    got: String(decay),
  });
}

/**
 * Adam. `optax.adam`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { adam, applyUpdates } from "reformax/optim";
 * const optimizer = adam(0.1);
 * const params = { w: array([1]) };
 * const [updates] = optimizer.update({ w: array([3]) }, optimizer.init(params), params);
 * console.log(applyUpdates(params, updates).w.item().toFixed(4)); // => 0.9000
 */
export const adam = (
  rate: LearningRate,
  options: AdamOptions = {},
): GradientTransformation<readonly [AdamState, unknown]> =>
  chain(scaleByAdam(options), scaleByRate(rate, "adam"));

export interface AdamWOptions extends AdamOptions {
  /** Share of the parameters that decays per unit of the rate. Default 1e-4. */
  readonly weightDecay?: number;
  /** The arrays that decay. Default: all. */
  readonly mask?: DecayMask;
}

/**
 * Adam with decoupled weight decay. Loshchilov & Hutter 2019; `optax.adamw`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { adamw, applyUpdates } from "reformax/optim";
 * const optimizer = adamw(0.1, { weightDecay: 0.5 });
 * const params = { w: array([1]) };
 * const [updates] = optimizer.update({ w: array([3]) }, optimizer.init(params), params);
 * console.log(applyUpdates(params, updates).w.item().toFixed(4)); // => 0.8500
 */
export const adamw = (
  rate: LearningRate,
  options: AdamWOptions = {},
): GradientTransformation<readonly [AdamState, null, unknown]> => {
  const kinds = {
    b1: "number",
    b2: "number",
    epsilon: "number",
    weightDecay: "number",
    mask: "function",
  } as const;
  const { weightDecay = 1e-4, mask, ...moments } = checkOptions(options, kinds, "adamw");
  return chain(
    scaleByAdam(moments),
    addDecayedWeights(weightDecay, mask),
    scaleByRate(rate, "adamw"),
  );
};
