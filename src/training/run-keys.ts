import { tensorFrom, type Tensor } from "../core/tensor.ts";
import { threefryBlock } from "../primitives/random/threefry-block.ts";
import { key } from "../random/index.ts";

/** The random keys of a run, each a function of the seed and a number: resuming needs nothing else. */
export interface RunKeys {
  /** u32[2]: the seed's own key, from which the others are derived. */
  readonly base: Tensor;
  /** u32[2]: what `init` draws from. */
  readonly initial: Tensor;
  /** u32[2]: evaluation's rotations, the same every time. */
  readonly evaluation: Tensor;
  /** u32[2]: what step `step` draws from. */
  step(step: number): Tensor;
  /** Uniform 32-bit words that place the windows of a step. */
  words(step: number, count: number): Uint32Array;
}

/** What the streams of a run are folded in under: a number once given is never given again. */
const streams = { initial: 0, steps: 1, windows: 2, evaluation: 3 } as const;

/** The two words of a key. */
type KeyWords = readonly [high: number, low: number];

/** `random.foldIn` and `random.bits` on the host: a run's next keys never wait for what a device still computes. */
const foldIn = ([high, low]: KeyWords, data: number): KeyWords => threefryBlock(high, low, 0, data);

const bits = ([high, low]: KeyWords, count: number): Uint32Array =>
  Uint32Array.from({ length: count }, (_, i) => {
    const [first, second] = threefryBlock(high, low, 0, i);
    return first ^ second;
  });

const keyOf = (words: KeyWords): Tensor => tensorFrom("u32", [2], Uint32Array.from(words));

/**
 * The random keys of a run, all derived from its seed: each step's by folding in its number, so that a resumed run
 * draws what the uninterrupted one would have drawn.
 * @example
 * import { runKeys } from "reformax/training";
 * const keys = runKeys(0);
 * console.log(keys.step(7).shape, keys.words(7, 2).length); // => [ 2 ] 2
 */
export function runKeys(seed: number): RunKeys {
  const [high, low] = key(seed).dataSync();
  const base: KeyWords = [high, low];
  const steps = foldIn(base, streams.steps);
  const windows = foldIn(base, streams.windows);
  return {
    base: keyOf(base),
    initial: keyOf(foldIn(base, streams.initial)),
    evaluation: keyOf(foldIn(base, streams.evaluation)),
    step: (step) => keyOf(foldIn(steps, step)),
    words: (step, count) => bits(foldIn(windows, step), count),
  };
}

/** The n-th of the numbers in [0, 1) with which a text is written: equal seeds write equal texts. */
export const uniformOf =
  (keys: Pick<RunKeys, "words">) =>
  (n: number): number =>
    keys.words(n, 1)[0] / 2 ** 32;
