import { checkNumber, checkOptions } from "../core/arguments.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import {
  chain,
  mapArrays,
  treeKind,
  checkedCalls,
  type GradientTransformation,
} from "./transformation.ts";
import { scaleByRate, type LearningRate } from "./scale.ts";

export interface MomentumState {
  /** The decaying sum of past updates, a tree like the parameters. */
  readonly velocity: unknown;
}

/**
 * The decaying sum v' = decay v + g of updates; Nesterov's form looks one step ahead: g + decay v'.
 * Sutskever et al. 2013; `optax.trace`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { momentum } from "reformax/optim";
 * const step = momentum(0.5);
 * const [first, state] = step.update(array([4]), step.init(array([0])), array([0]));
 * const [second] = step.update(array([4]), state, array([0]));
 * console.log(first.toArray(), second.toArray()); // => [ 4 ] [ 6 ]
 */
export const momentum = (
  decay: number,
  options: { readonly nesterov?: boolean } = {},
): GradientTransformation<MomentumState> => {
  const { nesterov = false } = checkOptions(options, { nesterov: "flag" }, "momentum");
  checkNumber(decay, "the decay", "momentum", 0);
  return checkedCalls(
    "momentum",
    {
      init: (params) => ({ velocity: mapArrays(ops.zerosLike, params) }),
      update: (updates, { velocity }) => {
        const next = mapArrays(
          (v, update) => ops.add(update, ops.scale(v, decay)),
          velocity,
          updates,
        );
        const ahead = (update: Value, v: Value): Value => ops.add(update, ops.scale(v, decay));
        const result = mapArrays(nesterov ? ahead : (_, v) => v, updates, next);
        return [result, { velocity: next }];
      },
    },
    { velocity: treeKind },
  );
};

export interface SgdOptions {
  /** Share of the velocity that stays; no momentum unless given. */
  readonly momentum?: number;
  readonly nesterov?: boolean;
}

/**
 * Gradient descent, with momentum if asked for. `optax.sgd`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { applyUpdates, sgd } from "reformax/optim";
 * const optimizer = sgd(0.5);
 * const params = array([1]);
 * const [updates] = optimizer.update(array([1]), optimizer.init(params), params);
 * console.log(applyUpdates(params, updates).toArray()); // => [ 0.5 ]
 */
export const sgd = (
  rate: LearningRate,
  options: SgdOptions = {},
): GradientTransformation<readonly unknown[]> => {
  const { momentum: decay, nesterov } = checkOptions(
    options,
    { momentum: "number", nesterov: "flag" },
    "sgd",
  );
  const scaled = scaleByRate(rate, "sgd");
  return decay === undefined ? chain(scaled) : chain(momentum(decay, { nesterov }), scaled);
};
