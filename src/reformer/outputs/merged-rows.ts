import type { Value } from "../../core/value.ts";
import { add, concatenate, multiply, subtract } from "../../numpy/index.ts";
import { layerNorm, type LayerNormParams } from "../../nn/index.ts";
import type { ReformerConfig } from "../models/config.ts";
import { conventionsOf } from "../models/layers.ts";
import { valuesOf } from "../stack/stream.ts";

/**
 * (x + y) / 2, written so that the cotangents of x and y are two arrays: the reverse sweep updates both in place, and could
 * not if they were one.
 */
const meanOf = (x: Value, y: Value): Value => add(x, multiply(subtract(y, x), 0.5));

/** Width of what every output reads: both streams side by side, or their mean. */
export const mergedWidth = (config: ReformerConfig): number =>
  conventionsOf(config).merge === "concatenate" ? 2 * config.width : config.width;

/** Rows of both streams as one, normed: f32[rows, merged width]. */
export function mergedRows(
  config: ReformerConfig,
  norm: LayerNormParams,
  first: Value,
  second: Value,
): Value {
  const { merge, normEpsilon } = conventionsOf(config);
  const [x, y] = [valuesOf(first), valuesOf(second)];
  const merged = merge === "concatenate" ? concatenate([x, y], 1) : meanOf(x, y);
  return layerNorm(norm, merged, { epsilon: normEpsilon });
}
