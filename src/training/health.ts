import { NonFiniteError, ReformaxError } from "../core/errors.ts";
import { tensorsOf } from "./checkpoint/tensors.ts";
import type { StepMetrics } from "./model-interface.ts";

/** The scalars of a step as numbers. */
export interface StepNumbers {
  readonly loss: number;
  readonly gradientNorm?: number;
  readonly learningRate?: number;
  readonly largestStream?: number;
  readonly badLayer: number;
  /** Whether the reverse sweep rebuilt the streams bit for bit, where that was looked at. */
  readonly rebuilt?: boolean;
  readonly lsh?: {
    readonly largestBucket: number;
    readonly beyondChunk: number;
    readonly onlySelf: number;
  };
}

export async function readMetrics(metrics: StepMetrics): Promise<StepNumbers> {
  const { health, lsh, bottom } = metrics;
  await metrics.loss.data();
  return {
    loss: metrics.loss.item(),
    gradientNorm: metrics.gradientNorm?.item(),
    learningRate: metrics.learningRate?.item(),
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

const advice = "Lower the learning rate, lengthen the warm-up or clip the gradient harder.";

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
      ? "the residual streams overflow or hold NaN"
      : "the gradient is not finite"
    : "the loss is not finite";
  throw new NonFiniteError(what, {
    where: `step ${step}`,
    got: `loss ${loss}, first in ${layerName(badLayer, layers)}`,
    fix: advice,
  });
}

function layerName(index: number, layers: readonly string[]): string {
  if (index < 0) return "the head, as every layer's streams are finite";
  return index < layers.length ? `layer ${index} (${layers[index]})` : `layer ${index}`;
}

/** Throws a {@link NonFiniteError} that names the first leaf with a NaN or an infinity: such a state is never saved. */
export function checkState(state: unknown, step: number): void {
  for (const [name, tensor] of tensorsOf(state)) {
    if (tensor.dtype !== "f32") continue;
    const words = tensor.words();
    const at = words.findIndex((value: number) => !Number.isFinite(value));
    if (at < 0) continue;
    throw new NonFiniteError("the state is not finite", {
      where: `step ${step}`,
      got: `${words[at]} in ${name}`,
      fix: advice,
    });
  }
}
