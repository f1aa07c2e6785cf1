import { checkKinds } from "../../core/arguments.ts";
import { listOf } from "../../core/kinds.ts";

/** How well answers that were found agree with those that people gave, as SQuAD's official script counts it. */

/** ASCII's, as Python has it. */
const punctuation = /[!"#$%&'()*+,\-./:;<=>?@[\\\]^_`{|}~]/g;

/** Words of their own, where letters of any language make words. */
const articles = /(?<![\p{L}\p{N}_])(?:a|an|the)(?![\p{L}\p{N}_])/gu;

/** The words of an answer in small letters, without punctuation and English articles. */
export const answerWords = (answer: string): readonly string[] =>
  answer
    .toLowerCase()
    .replace(punctuation, "")
    .replace(articles, " ")
    .split(/\s+/u)
    .filter((word) => word !== "");

/** What is said of one answer, or the mean of many: shares from 0 to 1. */
export interface AnswerScore {
  /** Whether the words are the same. */
  readonly exact: number;
  /** Harmonic mean of the shares of words, counted as often as they stand in both, in what was found and in what is right. */
  readonly f1: number;
}

/**
 * The better of what several right answers say of one that was found, for both numbers apart.
 *
 * @example
 * import { scoreAnswer } from "reformax/training";
 * console.log(scoreAnswer("in the 10th century", ["10th century", "tenth"])); // => { exact: 0, f1: 0.8 }
 */
export const scoreAnswer = (found: string, right: readonly string[]): AnswerScore => {
  checkKinds({ found: [found, "text"], right: [right, listOf("text")] }, "scoreAnswer");
  const scores = right.map((answer) => scoreOne(answerWords(found), answerWords(answer)));
  return {
    exact: Math.max(0, ...scores.map(({ exact }) => exact)),
    f1: Math.max(0, ...scores.map(({ f1 }) => f1)),
  };
};

function scoreOne(found: readonly string[], right: readonly string[]): AnswerScore {
  const exact = Number(found.join(" ") === right.join(" "));
  if (found.length === 0 || right.length === 0) return { exact, f1: exact };
  const left = new Map<string, number>();
  for (const word of right) left.set(word, (left.get(word) ?? 0) + 1);
  let common = 0;
  for (const word of found) {
    const count = left.get(word) ?? 0;
    if (count > 0) common += 1;
    left.set(word, count - 1);
  }
  if (common === 0) return { exact, f1: 0 };
  const [precision, recall] = [common / found.length, common / right.length];
  return { exact, f1: (2 * precision * recall) / (precision + recall) };
}
