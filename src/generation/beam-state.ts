import { NonFiniteError, ReformaxError } from "../core/errors.ts";
import { checkOptions, type KindsOf } from "../core/arguments.ts";
import { orAbsent } from "../core/kinds.ts";

export interface BeamOptions {
  /** Texts that are gone on with at a time, 1 or more. */
  readonly beams: number;
  /**
   * alpha in score = (sum of log p) / n^alpha, n the tokens written, those that end the text included: above 0 long texts gain, below 0
   * short ones. Default 1: the mean. (HuggingFace's `length_penalty`, as its versions since 4.36 count n.)
   */
  readonly lengthPenalty?: number;
  /**
   * Whether a search ends as soon as there are `beams` texts that have ended. Default: no, it goes on until no text that is still
   * written can have a better score than the worst of them (HuggingFace's `early_stopping="never"`).
   */
  readonly earlyStopping?: boolean;
}

/** A text that a search has found. */
export interface Beam {
  /** The tokens written, those that ended the text included. */
  readonly tokens: readonly number[];
  /** Sum of the logarithms of their probabilities. */
  readonly logProbability: number;
  readonly score: number;
  /** Whether it ended by itself, not because there was no place for more. */
  readonly hasEnded: boolean;
}

/** A text that is still written. */
export type Running = Pick<Beam, "tokens" | "logProbability">;

export interface BeamState {
  /** Best first, `beams` at most. */
  readonly running: readonly Running[];
  /** Those that have ended, best first, `beams` at most. */
  readonly ended: readonly Beam[];
  /** Whether nothing better can come. */
  readonly isDone: boolean;
  /** Of each running text the one of the step before that it goes on from. */
  readonly parents: readonly number[];
}

/** What a search needs to know besides its options. */
export interface BeamRules extends Required<BeamOptions> {
  /** Most tokens of a text. */
  readonly longest: number;
  /** Whether a text has ended with its last token. */
  readonly isEnd: (tokens: readonly number[]) => boolean;
  /** Most tokens that can end one text. */
  readonly ends: number;
}

const optionKinds: KindsOf<BeamOptions> = {
  beams: "size",
  lengthPenalty: orAbsent("finite"),
  earlyStopping: orAbsent("flag"),
};

export const completeBeamOptions = (
  { beams, lengthPenalty = 1, earlyStopping = false }: BeamOptions,
  where: string,
): Required<BeamOptions> => {
  const complete = { beams, lengthPenalty, earlyStopping };
  checkOptions(complete, optionKinds, where);
  if (beams >= 1) return complete;
  throw new ReformaxError("a search without beams finds nothing", {
    where,
    expected: "1 beam or more",
    got: String(beams),
  });
};

/** Nothing written yet. */
export const beginBeams: BeamState = {
  running: [{ tokens: [], logProbability: 0 }],
  ended: [],
  isDone: false,
  parents: [0],
};

/**
 * One token more. `logits[b]` are of what follows running text b. Of all texts with one token more the likeliest go on, `beams` of them;
 * those that end are kept by their score if they are among the `beams` likeliest. The lower text and then the lower token is first
 * among equals.
 *
 * @throws NonFiniteError where logits are NaN, or impossible altogether
 */
export function advanceBeams(
  { running, ended }: BeamState,
  logits: readonly ArrayLike<number>[],
  rules: BeamRules,
): BeamState {
  const { beams, ends } = rules;
  const candidates = likeliest(running, logits, beams * (1 + ends));
  const next: (Running & { readonly parent: number })[] = [];
  const found: Beam[] = [];
  candidates.forEach(({ parent, token, logProbability }, rank) => {
    if (next.length === beams) return;
    const tokens = [...running[parent].tokens, token];
    if (!rules.isEnd(tokens)) next.push({ tokens, logProbability, parent });
    else if (rank < beams) found.push(scored({ tokens, logProbability }, true, rules));
  });
  const best = bestOf([...ended, ...found], beams);
  return {
    running: next.map(({ tokens, logProbability }) => ({ tokens, logProbability })),
    ended: best,
    isDone: next.length === 0 || (best.length === beams && isSettled(next, best, rules)),
    parents: next.map(({ parent }) => parent),
  };
}

/** What a search has found: the texts that have ended, and where nothing better was sure, those that had no place for more. */
export const foundBeams = (
  { running, ended, isDone }: BeamState,
  rules: BeamRules,
): readonly Beam[] =>
  isDone
    ? ended
    : bestOf([...ended, ...running.map((text) => scored(text, false, rules))], rules.beams);

const scored = (
  { tokens, logProbability }: Running,
  hasEnded: boolean,
  { lengthPenalty }: Pick<BeamRules, "lengthPenalty">,
): Beam => ({
  tokens,
  logProbability,
  score: scoreOf(logProbability, tokens.length, lengthPenalty),
  hasEnded,
});

/** Of a text without a token, 0. */
const scoreOf = (sum: number, length: number, penalty: number): number =>
  sum / Math.pow(Math.max(1, length), penalty);

/** Sorting is stable: of equal ones the earlier found. */
const bestOf = (texts: readonly Beam[], count: number): readonly Beam[] =>
  [...texts].sort((a, b) => b.score - a.score).slice(0, count);

/** Whether no running text can become better than the worst that has ended. Sums only fall. */
function isSettled(
  [best]: readonly Running[],
  ended: readonly Beam[],
  { earlyStopping, lengthPenalty, longest }: BeamRules,
): boolean {
  if (earlyStopping) return true;
  const length = lengthPenalty > 0 ? longest : Math.min(longest, best.tokens.length + 1);
  return ended[ended.length - 1].score >= scoreOf(best.logProbability, length, lengthPenalty);
}

interface Candidate {
  readonly parent: number;
  readonly token: number;
  readonly logProbability: number;
}

/** The `count` likeliest texts with one token more, likeliest first. */
function likeliest(
  running: readonly Running[],
  logits: readonly ArrayLike<number>[],
  count: number,
): readonly Candidate[] {
  const best: Candidate[] = [];
  running.forEach((text, parent) => {
    const total = logSum(logits[parent]);
    for (let token = 0; token < logits[parent].length; token++) {
      const logProbability = text.logProbability + (logits[parent][token] - total);
      const isFull = best.length === count;
      if (isFull && !(logProbability > best[count - 1].logProbability)) continue;
      if (logProbability === -Infinity) continue;
      let at = isFull ? count - 1 : best.length;
      while (at > 0 && best[at - 1].logProbability < logProbability) at--;
      best.splice(at, 0, { parent, token, logProbability });
      if (isFull) best.pop();
    }
  });
  return best;
}

/** log(sum(exp(x))), in float64. */
function logSum(x: ArrayLike<number>): number {
  let largest = -Infinity;
  for (let i = 0; i < x.length; i++) {
    if (x[i] > largest || Number.isNaN(x[i])) largest = x[i];
    if (Number.isNaN(largest)) break;
  }
  if (!Number.isFinite(largest)) {
    throw new NonFiniteError("the model's logits are not finite", { where: "beam search" });
  }
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += Math.exp(x[i] - largest);
  return largest + Math.log(sum);
}
