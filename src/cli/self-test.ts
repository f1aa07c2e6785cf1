import { BackendError } from "../core/errors.ts";
import { bits, key } from "../random/index.ts";

/** JAX's `random.bits(random.key(0))`. */
const firstWord = 4070199207;

/**
 * Computes something with a known result on the current back end.
 *
 * @returns what was tested, in words
 * @throws BackendError when the result is wrong
 */
export async function selfTest(): Promise<string> {
  const [got] = await bits(key(0)).data();
  if (got === firstWord) return "computes rightly";
  throw new BackendError("wrong result", {
    where: "self test",
    expected: String(firstWord),
    got: String(got),
  });
}
