import { checkKinds, checkSomeOf } from "../core/arguments.ts";
import { listOf } from "../core/kinds.ts";
import { ReformaxError } from "../core/errors.ts";
import { checkFinite } from "../core/finite.ts";
import { checkWhole } from "../core/whole.ts";
import type { Predictor } from "./predictor.ts";
import { checkPredictor, checkRowOptions, rowReader, type RowOptions } from "./row-reader.ts";
import {
  checkSampling,
  nextTokenProbabilities,
  pickToken,
  type SamplingOptions,
} from "./sampling.ts";
import { checkStopOptions, writtenText, type StopOptions } from "./written-text.ts";

export interface GenerateOptions extends SamplingOptions, RowOptions, StopOptions {
  /** Number in [0, 1) that chooses the n-th token of a text; texts are counted from 0. */
  readonly uniform: (n: number, text: number) => number;
}

/** An empty prompt is a new line: texts begin as one does. */
export const promptTokens = (prompt: ArrayLike<number>): readonly number[] =>
  prompt.length > 0 ? Array.from(prompt) : [10];

/**
 * Writes `count` tokens after `prompt`, one by one, or until a stop: bytes where the model's tokens are bytes or there is a decoder that makes
 * some of ids, else ids. What may be the beginning of a stop comes when it is known not to be one.
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
  prompt: ArrayLike<number>,
  count: number,
  options: GenerateOptions,
): AsyncGenerator<number> {
  checkKinds({ prompt: [prompt, "numbers"] }, "generate");
  const texts = generateAll(model, state, [prompt], count, options);
  for await (const [symbols] of texts) yield* symbols;
}

/**
 * Goes on with several prompts at once, of whatever lengths: after each token what every text got, nothing where it has ended or waits.
 * Every text is bit for bit what {@link generate} writes after its prompt alone with the same numbers.
 *
 * @example
 * import { init } from "reformax";
 * import { generateAll, reformerModel, runKeys, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 64 } });
 * const model = reformerModel(config);
 * const keys = runKeys(0);
 * const prompts = ["to be", "or"].map((prompt) => new TextEncoder().encode(prompt));
 * const lengths = [0, 0];
 * for await (const got of generateAll(model, model.init(keys.initial), prompts, 3, {
 *   context: 64, key: keys.evaluation, temperature: 0, uniform: () => 0,
 * })) {
 *   got.forEach((bytes, text) => { lengths[text] += bytes.length; });
 * }
 * console.log(lengths); // => [ 3, 3 ]
 */
export async function* generateAll<State>(
  model: Predictor<State>,
  state: State,
  prompts: readonly ArrayLike<number>[],
  count: number,
  options: GenerateOptions,
): AsyncGenerator<readonly (readonly number[])[]> {
  const where = "generate";
  checkPredictor(model, where);
  checkKinds({ prompts: [prompts, listOf("numbers")] }, where);
  checkSampling(options, where);
  checkRowOptions(options, where);
  checkSomeOf(options, { uniform: "function" }, "options", where);
  checkStopOptions(options, where);
  checkWhole(count, "count", where, 0);
  checkFinite(state, where);
  if (prompts.length === 0) throw noPrompts(where);
  const read = rowReader(model, state, count, options, where);
  const texts = prompts.map((prompt) => [...promptTokens(prompt)]);
  const written = texts.map(() => writtenText(options));
  /** The texts that are read: those that have ended are left out once they are as many as the others. */
  let rows = texts.map((_, i) => i);
  let parents = rows;
  for (let n = 0; n < count && written.some(({ isOpen }) => isOpen); n++) {
    const logits = await read(
      rows.map((i) => texts[i]),
      parents,
    );
    const got = texts.map((): readonly number[] => []);
    rows.forEach((i, row) => {
      if (!written[i].isOpen) {
        // Read on, whatever by: nobody looks at it.
        texts[i].push(texts[i][texts[i].length - 1]);
        return;
      }
      const probabilities = nextTokenProbabilities(logits[row], options, texts[i]);
      const token = pickToken(probabilities, options.uniform(n, i));
      texts[i].push(token);
      got[i] = written[i].push(token, n === count - 1);
    });
    yield got;
    const open = rows.flatMap((i, row) => (written[i].isOpen ? [row] : []));
    parents = 2 * open.length <= rows.length ? open : rows.map((_, row) => row);
    rows = parents.map((row) => rows[row]);
  }
}

const noPrompts = (where: string): ReformaxError =>
  new ReformaxError("there is nothing to go on with", {
    where,
    expected: "one prompt or more; an empty one is a new line",
    got: "none",
  });
