import type { AttentionKind, HeadOptions } from "../attention/head-options.ts";
import type { ReformerConfig } from "./config.ts";

/** Whether heads of a layer of this kind have keys of their own. */
export const keysOf = (
  { local, full }: Pick<ReformerConfig, "local" | "full">,
  kind: AttentionKind,
): Pick<HeadOptions, "queryKey"> => {
  if (kind === "full") return { ...full };
  return kind === "local" && local.queryKey ? { queryKey: local.queryKey } : {};
};
