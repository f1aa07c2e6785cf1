import type { Json } from "../../edge/json.ts";
import type { Validated } from "../../edge/problem.ts";
import { configCheck } from "../../reformer/models/check-config.ts";

/** A check of configurations of a task, whose model is a section of its own: see {@link configCheck}. */
export const taskConfigCheck = <Config extends object>(
  parse: (value: Json) => Validated<Config>,
): ((config: Config, where: string) => void) => configCheck((given) => parse(given), "model.");
