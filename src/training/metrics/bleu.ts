import { checkKinds } from "../../core/arguments.ts";
import { listOf } from "../../core/kinds.ts";
import { ReformaxError } from "../../core/errors.ts";
import { tokenize13a } from "./tokenize-13a.ts";

/** A score of translations. */
export interface Bleu {
  /** From 0 to 100. */
  readonly score: number;
  /** Of runs of one to four tokens, in percent; smoothed where none was right. */
  readonly precisions: readonly number[];
  /** What translations that are too short lower the score by: 1 if they are not. */
  readonly brevityPenalty: number;
  /** Tokens of the translations, and of the references. */
  readonly length: number;
  readonly referenceLength: number;
}

const orders = [1, 2, 3, 4] as const;

/**
 * BLEU of translations against one reference each, over all of them together (Papineni et al. 2002), as sacrebleu computes it by default
 * (Post 2018): tokens of `13a`, case counts, and where no run of a length is right, the exponential smoothing.
 *
 * @throws ReformaxError when there are not as many references as translations
 * @example
 * import { corpusBleu } from "reformax/training";
 * const { score, brevityPenalty } = corpusBleu(["The cat sat on a mat."], ["The cat sat on the mat."]);
 * console.log(score.toFixed(2), brevityPenalty); // => 48.89 1
 */
export function corpusBleu(translations: readonly string[], references: readonly string[]): Bleu {
  const texts = listOf("text");
  checkKinds(
    { translations: [translations, texts], references: [references, texts] },
    "corpusBleu",
  );
  if (translations.length !== references.length) {
    throw new ReformaxError("translations and references are pairs", {
      where: "corpusBleu",
      expected: `${translations.length} references`,
      got: String(references.length),
    });
  }
  const pairs = translations.map(
    (text, i) => [tokenize13a(text), tokenize13a(references[i])] as const,
  );
  const length = pairs.reduce((sum, [ours]) => sum + ours.length, 0);
  const referenceLength = pairs.reduce((sum, [, theirs]) => sum + theirs.length, 0);
  const counts = orders.map((order) => matches(pairs, order));
  const precisions = smoothed(counts);
  const brevityPenalty =
    length >= referenceLength ? 1 : length === 0 ? 0 : Math.exp(1 - referenceLength / length);
  const isZero = precisions.includes(0);
  const mean = precisions.reduce((sum, p) => sum + Math.log(p) / orders.length, 0);
  const score = isZero ? 0 : brevityPenalty * Math.exp(mean);
  return { score, precisions, brevityPenalty, length, referenceLength };
}

interface Matches {
  /** Runs that the reference has too, each as often as there. */
  readonly right: number;
  readonly all: number;
}

type Tokens = readonly string[];

function matches(pairs: readonly (readonly [Tokens, Tokens])[], order: number): Matches {
  let [right, all] = [0, 0];
  for (const [ours, theirs] of pairs) {
    const left = new Map<string, number>();
    for (const run of runsOf(theirs, order)) left.set(run, (left.get(run) ?? 0) + 1);
    for (const run of runsOf(ours, order)) {
      const count = left.get(run) ?? 0;
      all += 1;
      if (count === 0) continue;
      right += 1;
      left.set(run, count - 1);
    }
  }
  return { right, all };
}

/** Tokens hold no spaces. */
const runsOf = (tokens: Tokens, order: number): readonly string[] =>
  tokens.slice(order - 1).map((_, at) => tokens.slice(at, at + order).join(" "));

/** Precisions in percent, all 0 where nothing is right. Else those of no right run are halves, quarters, ... of one run; behind a length of which there is no run, 0. */
function smoothed(counts: readonly Matches[]): readonly number[] {
  if (counts.every(({ right }) => right === 0)) return counts.map(() => 0);
  let share = 1;
  const until = counts.findIndex(({ all }) => all === 0);
  return counts.map(({ right, all }, i) => {
    if (until >= 0 && i >= until) return 0;
    if (right > 0) return (100 * right) / all;
    share /= 2;
    return (100 * share) / all;
  });
}
