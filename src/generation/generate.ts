import { checkFinite } from "../core/finite.ts";
import { tensorFrom, type Tensor } from "../core/tensor.ts";
import { computeToHost } from "../core/to-host.ts";
import type { PredictOptions, Predictor } from "./predictor.ts";
import { checkStreams } from "./stream-health.ts";
import { nextTokenProbabilities, pickToken, type SamplingOptions } from "./sampling.ts";

export interface GenerateOptions extends SamplingOptions, PredictOptions {
  /** Bytes that the model sees at a time: the last ones. */
  readonly context: number;
  /** u32[2]: the hash rotations, the same for every byte. */
  readonly key: Tensor;
  /** Number in [0, 1) that chooses the n-th byte. */
  readonly uniform: (n: number) => number;
}

/** An empty prompt is a new line: texts begin as one does. */
const emptyPrompt = Uint8Array.of(10);

/**
 * Writes `count` bytes after `prompt`, one by one. Each is predicted from the last `context` bytes
 * anew.
 *
 * @throws NonFiniteError where a parameter is not finite, which it names, or the streams overflow or
 *   hold NaN
 * @example
 * import { init } from "reformax";
 * import { generate, reformerModel, runKeys, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 64 } });
 * const model = reformerModel(config);
 * const keys = runKeys(0);
 * const state = model.init(keys.initial);
 * const prompt = new TextEncoder().encode("to be");
 * const uniform = (n: number): number => keys.words(n, 1)[0] / 2 ** 32;
 * const bytes: number[] = [];
 * for await (const byte of generate(model, state, prompt, 3, {
 *   context: 64, key: keys.evaluation, temperature: 1, uniform,
 * })) {
 *   bytes.push(byte);
 * }
 * console.log(bytes.length); // => 3
 */
export async function* generate<State>(
  model: Predictor<State>,
  state: State,
  prompt: Uint8Array,
  count: number,
  options: GenerateOptions,
): AsyncGenerator<number> {
  const { context, key, rounds, uniform } = options;
  checkFinite(state, "generate");
  const text = [...(prompt.length > 0 ? prompt : emptyPrompt)];
  for (let n = 0; n < count; n++) {
    const seen = text.slice(-context);
    const tokens = new Int32Array(context);
    tokens.set(seen);
    const padded = tensorFrom("i32", [1, context], tokens);
    const { logits, health } = await computeToHost(() =>
      model.predict(state, padded, seen.length - 1, key, { rounds }),
    );
    checkStreams(health, "generate");
    const token = pickToken(nextTokenProbabilities(logits.words(), options), uniform(n));
    text.push(token);
    yield token;
  }
}
