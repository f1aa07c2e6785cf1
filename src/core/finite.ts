import { NonFiniteError } from "./errors.ts";
import { Tensor } from "./tensor.ts";
import { isDeviceStorage } from "./storage.ts";
import * as tree from "./tree.ts";

/** The first element of an f32 tensor on the host that is NaN or infinite, in words. */
export function nonFiniteElement(tensor: Tensor): string | undefined {
  if (tensor.dtype !== "f32") return undefined;
  const words = tensor.words();
  const at = words.findIndex((value: number) => !Number.isFinite(value));
  return at < 0 ? undefined : `${words[at]} at element ${at}`;
}

/** Tensors do not change: those that were finite once are. */
const finite = new WeakSet<Tensor>();

/**
 * Refuses a model's state with a NaN or an infinity in it. Every tensor is looked at once; those on a device are not: what
 * they give is.
 *
 * @throws NonFiniteError that names the leaf
 */
export function checkFinite(state: unknown, where: string): void {
  const leaves = tree.leaves(state);
  leaves.forEach((leaf, i) => {
    if (!(leaf instanceof Tensor) || finite.has(leaf)) return;
    if (leaf.isReleased || isDeviceStorage(leaf.storage)) return;
    const got = nonFiniteElement(leaf);
    if (got === undefined) {
      finite.add(leaf);
      return;
    }
    throw new NonFiniteError("a parameter is not finite", {
      where: `${where}: ${tree.paths(state)[i]}`,
      got,
      fix: "The parameters are damaged: use an earlier checkpoint.",
    });
  });
}
