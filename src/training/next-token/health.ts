import { NonFiniteError, ReformaxError } from "../../core/errors.ts";
import { badStreams, layerName } from "../../generation/stream-health.ts";
import { divergenceAdvice } from "../task/read-numbers.ts";
import type { StepMetrics } from "./model.ts";
import type { StepValues } from "./records.ts";

/** The scalars of a step as numbers. */
export interface StepNumbers extends Pick<
  StepValues,
  "learningRate" | "gradientNorm" | "largestStream" | "lsh" | "rebuilt"
> {
  /** In nats. */
  readonly loss: number;
  /** First layer with a NaN or an overflow, or -1. */
  readonly badLayer: number;
}

/** The numbers in a step's metrics, which are on the host. */
export function stepNumbers({
  loss,
  learningRate,
  gradientNorm,
  health,
  lsh,
  bottom,
}: StepMetrics): StepNumbers {
  return {
    loss: loss.item(),
    gradientNorm: gradientNorm?.item(),
    learningRate: learningRate?.item(),
    largestStream: health?.largest.item(),
    badLayer: health?.badLayer.item() ?? -1,
    rebuilt: bottom && String(bottom.forward.toArray()) === String(bottom.rebuilt.toArray()),
    lsh: lsh && {
      largestBucket: lsh.largestBucket.item(),
      beyondChunk: lsh.beyondChunk.item(),
      onlySelf: lsh.onlySelf.item(),
    },
  };
}

/**
 * Throws a {@link NonFiniteError} that names step and layer when a step went wrong: its state must not be used.
 *
 * @param layers - names of the layers, for the message
 */
export function checkStep(numbers: StepNumbers, step: number, layers: readonly string[]): void {
  const { loss, gradientNorm, badLayer, rebuilt } = numbers;
  const healthy = Number.isFinite(loss) && Number.isFinite(gradientNorm ?? 0) && badLayer < 0;
  if (healthy && rebuilt !== false) return;
  if (healthy) {
    throw new ReformaxError(
      "the reverse sweep did not rebuild the streams that the forward pass began with",
      {
        where: `step ${step}`,
        fix: "The gradients of this step are wrong: please report this, with the configuration.",
      },
    );
  }
  const what = Number.isFinite(loss)
    ? badLayer >= 0
      ? badStreams
      : "the gradient is not finite"
    : "the loss is not finite";
  throw new NonFiniteError(what, {
    where: `step ${step}`,
    got: `loss ${loss}, first in ${placeOf(badLayer, layers)}`,
    fix: divergenceAdvice,
  });
}

const placeOf = (badLayer: number, layers: readonly string[]): string =>
  badLayer < 0 ? "the head, as every layer's streams are finite" : layerName(badLayer, layers);
