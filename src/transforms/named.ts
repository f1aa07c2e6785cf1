import { checkFunction, checkText } from "../core/arguments.ts";
import type { Value } from "../core/value.ts";
import { withScope } from "../ir/interpreter.ts";

/**
 * `f` under a name: its operations carry the name in plans, profiles, memory reports and errors.
 * As `jax.named_scope`.
 *
 * @example
 * import { named } from "reformax";
 * import { add, array } from "reformax/numpy";
 * console.log(named("shift", (x) => add(x, 1))(array(2)).item()); // => 3
 */
export const named = <Args extends readonly unknown[] = readonly Value[], Result = Value>(
  name: string,
  f: (...args: Args) => Result,
): ((...args: Args) => Result) => {
  checkText(name, "the name", "named");
  checkFunction(f, "what to call", "named");
  return (...args) => withScope(name, () => f(...args));
};
