import { isJsonObject } from "../../edge/json.ts";
import { moduleOptions, type ModuleOptions } from "../../interop/lucidrains/module-options.ts";
import type { GoldenCase } from "../case.ts";

/** The options of the module that a case is of. */
export function optionsOf({
  description,
  config,
}: Pick<GoldenCase, "description" | "config">): ModuleOptions {
  const described = isJsonObject(description.options) ? description.options : {};
  return moduleOptions({ ...config, ...described });
}
