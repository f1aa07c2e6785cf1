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
export function selfTest(): string {
  const got = bits(key(0)).item();
  if (got === firstWord) return "computes rightly";
  throw new BackendError("wrong result", {
    where: "self test",
    expected: String(firstWord),
    got: String(got),
  });
}
