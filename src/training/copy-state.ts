import { checkKind } from "../core/arguments.ts";
import { tensorKind } from "./checkpoint/check-tensors.ts";
import { isDeviceStorage } from "../core/storage.ts";
import { Tensor } from "../core/tensor.ts";
import * as tree from "../core/tree.ts";
import { jit } from "../transforms/index.ts";

/**
 * A copy of a state, leaf by leaf: keeps it beyond the step that takes its storage over. What is on a device stays there.
 *
 * @example
 * import { Tensor } from "reformax";
 * import { ones } from "reformax/numpy";
 * import { copyState } from "reformax/training";
 * const state = { w: ones([2]) };
 * console.log(copyState(state).w.toArray(), copyState(state).w === state.w); // => [ 1, 1 ] false
 */
export function copyState<State>(state: State): State {
  const { leaves, structure } = tree.flatten<Tensor>(state);
  for (const leaf of leaves) checkKind(leaf, tensorKind, "a leaf of the state", "copyState");
  const onDevices = leaves.filter(({ storage }) => isDeviceStorage(storage));
  const copies = onDevices.length === 0 ? [] : copyOnDevice(onDevices);
  const copyOf = new Map(onDevices.map((leaf, i) => [leaf, copies[i]]));
  return tree.unflatten<State>(
    structure,
    leaves.map((leaf) => copyOf.get(leaf) ?? new Tensor(leaf.aval, leaf.dataSync())),
  );
}

/** Results are never their arguments, even where they are equal. */
const copyOnDevice = jit((leaves: readonly Tensor[]): readonly Tensor[] => leaves, {
  name: "copyState",
});
