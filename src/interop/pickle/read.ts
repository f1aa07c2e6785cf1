import type { Tensor } from "../../core/tensor.ts";
import { attempt, orThrowFrom, type Validated } from "../../edge/problem.ts";
import { readPacked } from "../gunzip.ts";
import { unpickled } from "./machine.ts";
import { namedArrays } from "./named-arrays.ts";

/**
 * The numpy arrays in a pickle, as trax's `.pkl.gz` are: each under the keys and places on the way to it (`flat_weights.0`). Protocols 2
 * to 5, packed by gzip or not. Nothing in the file is run: operations and names that arrays of numpy and JAX do not need are refused, but
 * for the two classes in trax's checkpoints, which are read as what they were made of. F16 and F64 become f32, and integers of other
 * widths i32 (checked to fit). Which array is which weight the file does not say: see {@link fromTrax}.
 *
 * @returns the arrays, or what the file has that is not read
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { readPickle } from "reformax/interop";
 * const calls = new TextEncoder().encode("cos\nsystem\n.");
 * const read = await readPickle(new Uint8Array([0x80, 2, ...calls]));
 * console.log(E.isLeft(read) && read.left[0].got); // => "os.system"
 * @see https://docs.python.org/3/library/pickle.html
 */
export const readPickle = (bytes: Uint8Array): Promise<Validated<ReadonlyMap<string, Tensor>>> =>
  readPacked(bytes, "readPickle", parsePickle);

/**
 * {@link readPickle}, throwing.
 *
 * @throws InputError naming the operation or the name that is not read
 * @example
 * import { readPickleOrThrow } from "reformax/interop";
 * // The empty dictionary, of protocol 2.
 * const arrays = await readPickleOrThrow(new Uint8Array([0x80, 2, 0x7d, 0x2e]));
 * console.log(arrays.size); // => 0
 */
export async function readPickleOrThrow(bytes: Uint8Array): Promise<ReadonlyMap<string, Tensor>> {
  const where = "readPickleOrThrow";
  return orThrowFrom(where)(await readPacked(bytes, where, parsePickle));
}

/** {@link readPickle} of a file that is not packed. */
export const parsePickle = (bytes: Uint8Array): Validated<ReadonlyMap<string, Tensor>> =>
  attempt(() => namedArrays(unpickled(bytes)));
