import type { Value } from "../../core/value.ts";
import { astype, greaterEqual, index, less, sum, where } from "../../numpy/index.ts";
import { foldIn, uniform } from "../../random/index.ts";
import type { ReformerConfig } from "./config.ts";
import { iota } from "../../lax/index.ts";

/**
 * For each layer i32[], 1 where a training step keeps it; null where none is ever dropped. Drawn from the key of the pass, so that the
 * reverse sweep meets the same layers. Where all would go the first one stays.
 */
export function keptLayers(
  { layers, residual }: Pick<ReformerConfig, "layers" | "residual">,
  key: Value,
  mode: "training" | "evaluation",
): readonly Value[] | null {
  const rate = residual?.layerDropout ?? 0;
  const count = layers.length;
  if (mode !== "training" || rate === 0 || count === 0) return null;
  // Layers have the keys from 0 on, and what they read that of their number.
  const drawn = uniform(foldIn(key, count + 1), [count]);
  const kept = astype(greaterEqual(drawn, rate), "i32");
  const none = less(sum(kept), 1);
  const first = astype(less(iota("i32", [count]), 1), "i32");
  const chosen = where(none, first, kept);
  return layers.map((_, i) => index(chosen, i));
}
