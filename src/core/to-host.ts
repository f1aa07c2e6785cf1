import { isDeviceStorage, readDevices, type Storage } from "./storage.ts";
import { Tensor } from "./tensor.ts";
import * as tree from "./tree.ts";
import { Tracer } from "./value.ts";

/**
 * The same tree with all elements where they can be read at once: what is on a device comes by one read per device, and
 * everything else stays as it is. So it costs nothing on backends that compute on the host. `jax.device_get`, late.
 *
 * Reads what the arrays hold at the call: they may be donated before the promise resolves. Rejects when an array was
 * donated already, or its elements could not be computed or read.
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
  const storages = leaves.map(storageOf);
  const onDevices = storages.filter(isDeviceStorage);
  if (onDevices.length === 0) return values;
  const words = await readDevices(onDevices);
  const found = new Map(onDevices.map((storage, i) => [storage, words[i]]));
  const onHost = leaves.map((leaf, i) => {
    const storage = storages[i];
    const read = isDeviceStorage(storage) ? found.get(storage) : undefined;
    return leaf instanceof Tensor && read ? new Tensor(leaf.aval, read) : leaf;
  });
  return tree.unflatten<T>(structure, onHost);
}

function storageOf(leaf: unknown): Storage | undefined {
  if (leaf instanceof Tensor) return leaf.storage;
  if (leaf instanceof Tracer) throw leaf.concretizationError("toHost()");
  return undefined;
}
