import { feedForwardBlock, type FeedForwardOptions } from "../blocks/feed-forward-block.ts";
import type { HalfBlock } from "../blocks/half-block.ts";
import { productKeyBlock } from "../blocks/product-key-block.ts";
import { recurrentBlock, type MixUnits } from "../blocks/recurrent-block.ts";
import type { ReformerConfig } from "./config.ts";

/** What the second half of a layer consists of. */
export type FeedForwardForm = "dense" | "recurrent" | "productKeys";

/** What a layer has there, by its number from the input up. */
export function formOf(
  { feedForward }: Pick<ReformerConfig, "feedForward">,
  layer: number,
): FeedForwardForm {
  const { recurrent, productKeys } = feedForward ?? {};
  if (productKeys && (productKeys.at?.includes(layer) ?? true)) return "productKeys";
  return recurrent ? "recurrent" : "dense";
}

/** The half-block of that form; `mixUnits` is another way to mix what recurrent units read. */
export function feedForwardHalf(
  { feedForward = {} }: Pick<ReformerConfig, "feedForward">,
  form: FeedForwardForm,
  options: FeedForwardOptions,
  mixUnits?: MixUnits,
): HalfBlock {
  const { recurrent, productKeys, ...kind } = feedForward;
  if (form === "productKeys" && productKeys) return productKeyBlock(options, productKeys);
  const dense = { ...options, ...kind };
  return form === "recurrent" && recurrent
    ? recurrentBlock({ ...dense, recurrent }, mixUnits)
    : feedForwardBlock(dense);
}
