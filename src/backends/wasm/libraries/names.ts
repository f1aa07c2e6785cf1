import { BackendError } from "../../../core/errors.ts";
import type { KernelLibrary } from "./library.ts";

/**
 * Makes sure that a name means one thing.
 * @param own names that are the backend's
 * @param namesOf those of a library
 * @param what they are, for the message
 * @throws BackendError when one is taken twice
 */
export function checkNames(
  libraries: readonly KernelLibrary[],
  own: readonly string[],
  namesOf: (library: KernelLibrary) => readonly string[],
  what: string,
): void {
  const owners = new Map(own.map((name) => [name, "reformax"]));
  for (const library of libraries) {
    for (const name of namesOf(library)) {
      const owner = owners.get(name);
      if (owner !== undefined) {
        throw new BackendError(`there is ${what} ${name} already`, {
          where: `kernels of ${library.name}`,
          got: `one of ${owner} and one of ${library.name}`,
          fix: "Choose another name.",
        });
      }
      owners.set(name, library.name);
    }
  }
}
