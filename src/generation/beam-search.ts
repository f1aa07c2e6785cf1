import { checkKinds } from "../core/arguments.ts";
import { checkFinite } from "../core/finite.ts";
import { checkWhole } from "../core/whole.ts";
import {
  advanceBeams,
  beginBeams,
  completeBeamOptions,
  foundBeams,
  type Beam,
  type BeamOptions,
  type BeamRules,
  type BeamState,
} from "./beam-state.ts";
import { promptTokens } from "./generate.ts";
import type { Predictor } from "./predictor.ts";
import {
  checkPredictor,
  checkRowOptions,
  rowReader,
  type RowOptions,
  type RowReader,
} from "./row-reader.ts";
import { checkStopOptions, writtenText, type StopOptions } from "./written-text.ts";

export interface BeamSearchOptions extends BeamOptions, RowOptions, StopOptions {}

/** A text that a search has found, as others see it. */
export interface BeamText extends Beam {
  /** The text without what ended it: ids, or what the decoder makes of them. */
  readonly text: readonly number[];
}

/**
 * The likeliest texts of `count` tokens at most after `prompt`, as a beam search finds them, the one with the best score first: at every
 * step all of the `beams` texts so far are gone on with by every token, and the `beams` likeliest of these stay. With one beam that is greedy
 * decoding; with as many as there are texts it is the best of all.
 *
 * Scores are (sum of log p) / n^lengthPenalty (Wu et al. 2016, section 7, in the field's simpler form).
 *
 * @throws ReformaxError for other options, and where `decode` asks for a cache of a model that has none; NonFiniteError where a parameter is not
 *   finite, or the streams overflow or hold NaN
 * @example
 * import { init } from "reformax";
 * import { beamSearch, reformerModel, runKeys, trainConfig } from "reformax/training";
 * await init();
 * const config = trainConfig({ training: { batch: 1, length: 64 } });
 * const model = reformerModel(config);
 * const keys = runKeys(0);
 * const prompt = new TextEncoder().encode("to be");
 * const found = await beamSearch(model, model.init(keys.initial), prompt, 3, {
 *   beams: 2, context: 64, key: keys.evaluation,
 * });
 * console.log(found.length, found[0].text.length); // => 2 3
 */
export async function beamSearch<State>(
  model: Predictor<State>,
  state: State,
  prompt: ArrayLike<number>,
  count: number,
  given: BeamSearchOptions,
): Promise<readonly BeamText[]> {
  const where = "beamSearch";
  checkPredictor(model, where);
  checkKinds({ prompt: [prompt, "numbers"] }, where);
  checkRowOptions(given, where);
  const { beams, lengthPenalty, earlyStopping, ...options } = given;
  const chosen = completeBeamOptions({ beams, lengthPenalty, earlyStopping }, where);
  checkStopOptions(options, where);
  checkWhole(count, "count", where, 0);
  checkFinite(state, where);
  const read = rowReader(model, state, count, options, where);
  const [found] = await searchBeams(read, [promptTokens(prompt)], count, {
    ...chosen,
    ...options,
  });
  return found;
}

/** Searches after several prompts at once; each finds what it finds alone. */
export async function searchBeams(
  read: RowReader,
  prompts: readonly (readonly number[])[],
  count: number,
  { beams, lengthPenalty, earlyStopping, ...stopping }: Required<BeamOptions> & StopOptions,
): Promise<readonly (readonly BeamText[])[]> {
  const rules: BeamRules = {
    beams,
    lengthPenalty,
    earlyStopping,
    longest: count,
    isEnd: (tokens) => !textOf(tokens, stopping).isOpen,
    ends: endsOf(stopping),
  };
  const states: BeamState[] = prompts.map(() => beginBeams);
  /** The searches that are read, and their rows: one each at first. */
  let searches = prompts.map((_, i) => i);
  let [rows, parents] = [1, searches];
  for (let n = 0; n < count && states.some(({ isDone }) => !isDone); n++) {
    const texts = searches.flatMap((i) =>
      spread(states[i].running, rows).map((running) => [...prompts[i], ...(running?.tokens ?? [])]),
    );
    const logits = await read(texts, parents);
    searches.forEach((i, at) => {
      if (!states[i].isDone) {
        states[i] = advanceBeams(states[i], logits.slice(at * rows, (at + 1) * rows), rules);
      }
    });
    const open = searches.flatMap((i, at) => (states[i].isDone ? [] : [at]));
    const kept = 2 * open.length <= searches.length ? open : searches.map((_, at) => at);
    parents = kept.flatMap((at) =>
      spread(states[searches[at]].parents, beams).map((parent = 0) => at * rows + parent),
    );
    searches = kept.map((at) => searches[at]);
    rows = beams;
  }
  return states.map((state) =>
    foundBeams(state, rules).map((beam) => ({
      ...beam,
      text: textOf(beam.tokens, stopping, beam.tokens.length).text,
    })),
  );
}

/** As many as there are rows: the last one stands in for others, at which nobody looks. */
const spread = <T>(items: readonly T[], count: number): readonly (T | undefined)[] =>
  Array.from({ length: count }, (_, i) => items.at(Math.min(i, items.length - 1)));

/** What tokens are as a text, which ends with so many if it does not before. */
function textOf(tokens: readonly number[], options: StopOptions, longest = Infinity) {
  const written = writtenText(options);
  const text = tokens.flatMap((token, i) =>
    written.isOpen ? written.push(token, i + 1 === longest) : [],
  );
  return { text, isOpen: written.isOpen };
}

/** Of tokens that a decoder makes bytes of, any number may end a text: with more than these, fewer texts go on. */
const mostDecodedEnds = 64;

/** Most tokens that can end one text. */
const endsOf = ({ endTokens = [], stops = [], decoder }: StopOptions): number =>
  endTokens.length + (decoder && stops.length > 0 ? mostDecodedEnds : stops.length);
