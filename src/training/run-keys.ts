import { ReformaxError } from "../core/errors.ts";
import { Tensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import { bits, foldIn, key } from "../random/index.ts";
import type { RunKeys } from "./model-interface.ts";

/** What the streams of a run are folded in under: a number once given is never given again. */
const streams = { initial: 0, steps: 1, windows: 2, evaluation: 3 } as const;

/**
 * The random keys of a run, all derived from its seed: each step's by folding in its number, so that a resumed run
 * draws what the uninterrupted one would have drawn.
 * @example
 * import { runKeys } from "reformax/training";
 * const keys = runKeys(0);
 * console.log(keys.step(7).shape, keys.words(7, 2).length); // => [ 2 ] 2
 */
export function runKeys(seed: number): RunKeys {
  const base = key(seed);
  const steps = foldIn(base, streams.steps);
  const windows = foldIn(base, streams.windows);
  return {
    base: concrete(base),
    initial: concrete(foldIn(base, streams.initial)),
    evaluation: concrete(foldIn(base, streams.evaluation)),
    step: (step) => concrete(foldIn(steps, step)),
    words: (step, count) =>
      Uint32Array.from(concrete(bits(foldIn(windows, step), [count])).words()),
  };
}

/** The n-th of the numbers in [0, 1) with which a text is written: equal seeds write equal texts. */
export const uniformOf =
  (keys: Pick<RunKeys, "words">) =>
  (n: number): number =>
    keys.words(n, 1)[0] / 2 ** 32;

function concrete(value: Value): Tensor {
  if (value instanceof Tensor) return value;
  throw new ReformaxError("a run's keys are not drawn inside a trace", { where: "runKeys" });
}
