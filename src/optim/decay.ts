import { checkFunction, checkNumber } from "../core/arguments.ts";
import { checkSameStructure, flatten, paths, unflatten } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { stateless, type GradientTransformation } from "./transformation.ts";

/** Which arrays decay, by their path (keys joined by dots) and their value. */
export type DecayMask = (path: string, param: Value) => boolean;

/**
 * Adds `rate` times the parameters to the updates, by default to all; after Adam's scaling this is
 * decoupled weight decay. Loshchilov & Hutter 2019; `optax.add_decayed_weights`.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { addDecayedWeights } from "reformax/optim";
 * const decay = addDecayedWeights(0.1, (path) => path.endsWith("kernel"));
 * const params = { bias: array([10]), kernel: array([10]) };
 * const [updates] = decay.update({ bias: array([0]), kernel: array([0]) }, null, params);
 * console.log(updates.bias.toArray(), updates.kernel.toArray()); // => [ 0 ] [ 1 ]
 */
export const addDecayedWeights = (
  rate: number,
  mask: DecayMask = () => true,
): GradientTransformation<null> => {
  checkNumber(rate, "the rate", "addDecayedWeights");
  checkFunction(mask, "the mask", "addDecayedWeights");
  return stateless("addDecayedWeights", <Params>(updates: Params, params: Params): Params => {
    const { leaves, structure } = flatten<Value>(updates);
    const { leaves: weights, structure: given } = flatten<Value>(params);
    checkSameStructure(structure, given, "addDecayedWeights: params");
    const names = paths(params);
    const decayed = leaves.map((update, i) =>
      mask(names[i], weights[i]) ? ops.add(update, ops.scale(weights[i], rate)) : update,
    );
    return unflatten<Params>(structure, decayed);
  });
};
