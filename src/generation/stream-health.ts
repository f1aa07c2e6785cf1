import { NonFiniteError } from "../core/errors.ts";
import type { Tensor } from "../core/tensor.ts";

/** How the residual streams of a pass were. */
export interface StreamHealth {
  /** Largest magnitude in the streams: f32[]. */
  readonly largest: Tensor;
  /** First layer with a NaN or an overflow, or -1: i32[]. */
  readonly badLayer: Tensor;
}

/** What to say of a pass whose results mean nothing. */
export const badStreams = "the residual streams overflow or hold NaN";

/** A layer for messages, as in `layer 3 (lsh)`. */
export const layerName = (index: number, layers: readonly string[] = []): string =>
  index < layers.length ? `layer ${index} (${layers[index]})` : `layer ${index}`;

/**
 * Refuses the results of a pass whose streams were not healthy: they look like results, and mean nothing.
 *
 * @param health on the host: read with the results themselves
 * @throws NonFiniteError that names the first layer that went wrong
 */
export function checkStreams(
  health: StreamHealth | undefined,
  where: string,
  layers?: readonly string[],
): void {
  if (health === undefined) return;
  const { badLayer, largest } = health;
  if (badLayer.item() < 0) return;
  throw new NonFiniteError(badStreams, {
    where,
    got: `first in ${layerName(badLayer.item(), layers)}, largest magnitude ${largest.item()}`,
    fix: "The parameters are too large or damaged: use an earlier checkpoint.",
  });
}
