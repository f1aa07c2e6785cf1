import { watchMaking } from "./scope-stack.ts";
import { isDeviceStorage, readDevices, type DeviceStorage } from "./storage.ts";
import { Tensor } from "./tensor.ts";
import * as tree from "./tree.ts";
import { Tracer } from "./value.ts";

/**
 * The same tree with all elements where they can be read at once: what is on a device comes by one
 * read per device, and everything else stays as it is. So it costs nothing on backends that compute
 * on the host. `jax.device_get`, late.
 *
 * What is on a device is read as it is at the call: it may be donated before the promise resolves.
 * An array of the host is the same array, and dies when it is donated. Rejects when one was donated
 * already, or elements could not be computed or read.
 *
 * @param values a tree of arrays of any dtypes and shapes; other leaves come back as they are
 * @example
 * import { toHost } from "reformax";
 * import { add, array } from "reformax/numpy";
 * const { sum } = await toHost({ sum: add(array([1, 2]), 1) });
 * console.log(sum.toArray()); // => [ 2, 3 ]
 */
export async function toHost<T>(values: T): Promise<T> {
  const { leaves, structure } = tree.flatten(values);
  // Each array once: two arrays of the host must not own the same words.
  const late = [...new Set(leaves)].flatMap((leaf) => {
    const storage = deviceStorageOf(leaf);
    return storage && leaf instanceof Tensor ? [{ leaf, storage }] : [];
  });
  if (late.length === 0) return values;
  const words = await readDevices(late.map(({ storage }) => storage));
  const onHost = new Map<unknown, Tensor>(
    late.map(({ leaf }, i) => [leaf, new Tensor(leaf.aval, words[i])]),
  );
  return tree.unflatten<T>(
    structure,
    leaves.map((leaf) => onHost.get(leaf) ?? leaf),
  );
}

/**
 * The result of `f` on the host. What it made for that on a device is freed there once it is read: the garbage collector
 * sees no need to, where arrays are large there and small here.
 */
export const computeToHost = <T>(f: () => T): Promise<T> => {
  const { result, made } = watchMaking(f);
  return moveToHost(result, made);
};

/** {@link toHost}, after which those of the arrays on a device that are in `own` are freed. */
export function moveToHost<T>(values: T, own: ReadonlySet<unknown>): Promise<T> {
  const read = toHost(values);
  for (const leaf of tree.leaves(values)) {
    if (!(leaf instanceof Tensor) || leaf.isReleased || !own.has(leaf)) continue;
    if (isDeviceStorage(leaf.storage)) leaf.release("a read");
  }
  return read;
}

function deviceStorageOf(leaf: unknown): DeviceStorage | undefined {
  if (leaf instanceof Tracer) throw leaf.concretizationError("toHost()");
  const storage = leaf instanceof Tensor ? leaf.storage : undefined;
  return isDeviceStorage(storage) ? storage : undefined;
}
