import { checkFinite } from "../core/finite.ts";
import { ReformaxError } from "../core/errors.ts";
import { tensorFrom, type Tensor } from "../core/tensor.ts";
import { computeToHost } from "../core/to-host.ts";
import type {
  Prediction,
  PredictOptions,
  Predictor,
  ReaderStep,
  TokenReader,
} from "./predictor.ts";
import { checkStreams } from "./stream-health.ts";
import { nextTokenProbabilities, pickToken, type SamplingOptions } from "./sampling.ts";

/** How the next byte is predicted; see `GenerateOptions.decode`. */
export type DecodeMethod = "cache" | "recompute";

export interface GenerateOptions extends SamplingOptions, PredictOptions {
  /** Bytes that the model sees at a time: the last ones. */
  readonly context: number;
  /** u32[2]: the hash rotations, the same for every byte. */
  readonly key: Tensor;
  /** Number in [0, 1) that chooses the n-th byte. */
  readonly uniform: (n: number) => number;
  /**
   * `cache`, the default where the model can: what was read is kept, and a byte costs what one byte costs; once there are `context`
   * bytes, the last half of them is read anew, and what is before it forgotten. `recompute`: every byte is predicted anew from the
   * last `context` bytes, which costs a whole pass.
   */
  readonly decode?: DecodeMethod;
}

/** An empty prompt is a new line: texts begin as one does. */
const emptyPrompt = Uint8Array.of(10);

/**
 * Writes `count` bytes after `prompt`, one by one.
 *
 * @throws ReformaxError where `decode` asks for a cache of a model that has none; NonFiniteError where a parameter is not finite, which it names, or the streams overflow or
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
  const { uniform } = options;
  checkFinite(state, "generate");
  const text = [...(prompt.length > 0 ? prompt : emptyPrompt)];
  const predict = predictionOf(model, state, count, options);
  for (let n = 0; n < count; n++) {
    const { logits, health } = await computeToHost(() => predict(text));
    checkStreams(health, "generate");
    const token = pickToken(nextTokenProbabilities(logits.words(), options), uniform(n));
    text.push(token);
    yield token;
  }
}

/** What follows a text, of which every call has one byte more. */
type PredictNext = (text: readonly number[]) => Prediction;

function predictionOf<State>(
  model: Predictor<State>,
  state: State,
  count: number,
  options: GenerateOptions,
): PredictNext {
  const { reader } = model;
  const { decode = reader ? "cache" : "recompute" } = options;
  if (decode === "recompute") return recomputing(model, state, options);
  if (reader) return reading(reader, state, count, options);
  throw new ReformaxError("this model cannot be read token by token", {
    where: "generate",
    expected: 'decode "recompute", or a model that has a reader',
    got: 'decode "cache"',
  });
}

const recomputing =
  <State>(
    model: Predictor<State>,
    state: State,
    { context, key, rounds }: GenerateOptions,
  ): PredictNext =>
  (text) => {
    const seen = text.slice(-context);
    const tokens = new Int32Array(context);
    tokens.set(seen);
    const padded = tensorFrom("i32", [1, context], tokens);
    return model.predict(state, padded, seen.length - 1, key, { rounds });
  };

function reading<State>(
  reader: TokenReader<State>,
  state: State,
  count: number,
  { context, key, rounds }: GenerateOptions,
): PredictNext {
  const capacity = Math.min(context, reader.longest);
  const half = Math.max(1, capacity >> 1);
  let cache: unknown;
  let read = 0;
  const begin = (text: readonly number[], most: number): ReaderStep => {
    const seen = text.slice(-most);
    read = seen.length;
    const tokens = tensorFrom("i32", [1, read], Int32Array.from(seen));
    return reader.begin(state, tokens, key, { rounds, capacity });
  };
  const next = (text: readonly number[]): ReaderStep => {
    read++;
    return reader.next(state, cache, tensorFrom("i32", [1], Int32Array.from(text.slice(-1))));
  };
  // A long prompt leaves room for what is going to be written, half of all at most.
  const first = Math.max(half, capacity - count);
  return (text) => {
    const isFull = read === capacity;
    const { cache: kept, ...prediction } =
      read === 0 || isFull ? begin(text, isFull ? half : first) : next(text);
    cache = kept;
    return prediction;
  };
}
