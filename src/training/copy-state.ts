import { Tensor } from "../core/tensor.ts";
import * as tree from "../core/tree.ts";

/**
 * A copy of a state, leaf by leaf: keeps it beyond the step that takes its storage over.
 *
 * @example
 * import { Tensor } from "reformax";
 * import { ones } from "reformax/numpy";
 * import { copyState } from "reformax/training";
 * const state = { w: ones([2]) };
 * console.log(copyState(state).w.toArray(), copyState(state).w === state.w); // => [ 1, 1 ] false
 */
export const copyState = <State>(state: State): State =>
  tree.map((leaf: Tensor) => new Tensor(leaf.aval, leaf.dataSync()), state);
