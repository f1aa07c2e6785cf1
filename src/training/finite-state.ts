import { NonFiniteError } from "../core/errors.ts";
import { nonFiniteElement } from "../core/finite.ts";
import { namedLeaves } from "./checkpoint/tensors.ts";
import { divergenceAdvice } from "./task/read-numbers.ts";

/**
 * Throws a {@link NonFiniteError} that names the first leaf with a NaN or an infinity: such a state is never saved.
 *
 * @param state - on the host
 */
export function checkState(state: unknown, step: number): void {
  for (const [name, tensor] of namedLeaves(state)) {
    const bad = nonFiniteElement(tensor);
    if (bad === undefined) continue;
    throw new NonFiniteError("the state is not finite", {
      where: `step ${step}`,
      got: `${bad} of ${name}`,
      fix: divergenceAdvice,
    });
  }
}
