import { ReformaxError } from "../../core/errors.ts";
import { tensorFrom, type Tensor } from "../../core/tensor.ts";

/** Where training windows begin: anywhere, or one behind the other. */
export type WindowOrder = "random" | "contiguous";

/**
 * Uniform 32-bit words that belong to a step: a function of the step alone, so that a resumed run draws the windows
 * that the uninterrupted one would have drawn.
 */
export type RandomWords = (step: number, count: number) => Uint32Array;

export interface WindowPlan {
  readonly order: WindowOrder;
  /** Number of training bytes. */
  readonly bytes: number;
  /** Predicted bytes per window: a window takes one byte more. */
  readonly length: number;
  readonly batch: number;
  readonly words: RandomWords;
}

/**
 * First bytes of the windows of a step. Random starts are uniform over all windows that fit. Contiguous windows follow
 * each other through the data, the last one flush with its end, so that an epoch covers every byte.
 */
export function windowStarts(plan: WindowPlan, step: number): readonly number[] {
  const { order, bytes, length, batch } = plan;
  const last = bytes - 1 - length;
  if (last < 0) {
    throw new ReformaxError("too few bytes for one window", {
      where: "windowStarts",
      expected: `at least ${length + 1}`,
      got: String(bytes),
    });
  }
  if (order === "contiguous") {
    const perEpoch = Math.ceil((bytes - 1) / length);
    const first = step * batch;
    return Array.from({ length: batch }, (_, row) =>
      Math.min(((first + row) % perEpoch) * length, last),
    );
  }
  // A word times fewer than 2^31 windows keeps 22 bits behind the point in a double: never rounded up to the count.
  return Array.from(plan.words(step, batch), (word) => Math.floor((word * (last + 1)) / 2 ** 32));
}

/** Windows of `length + 1` bytes as i32[starts, length + 1]: inputs are all but the last, targets all but the first. */
export function gatherWindows(
  bytes: Uint8Array,
  starts: readonly number[],
  length: number,
): Tensor {
  const width = length + 1;
  const words = new Int32Array(starts.length * width);
  starts.forEach((start, row) => {
    words.set(bytes.subarray(start, start + width), row * width);
  });
  return tensorFrom("i32", [starts.length, width], words);
}
