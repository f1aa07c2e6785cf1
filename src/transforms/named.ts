import { withScope } from "../ir/interpreter.ts";

/**
 * `f` under a name: its operations carry the name in plans, profiles, memory reports and errors.
 * As `jax.named_scope`.
 *
 * @example
 * import { named } from "reformax";
 * import { add } from "reformax/numpy";
 * console.log(named("shift", (x) => add(x, 1))(2).item()); // => 3
 */
export const named =
  <Args extends readonly unknown[], Result>(
    name: string,
    f: (...args: Args) => Result,
  ): ((...args: Args) => Result) =>
  (...args) =>
    withScope(name, () => f(...args));
