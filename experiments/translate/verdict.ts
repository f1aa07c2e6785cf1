import { pairedDifference } from "../frame/paired.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";

/** Of one kind of model, over seeds. */
export interface Translations {
  readonly bleu: readonly number[];
  readonly bits: readonly number[];
  readonly parameters: readonly number[];
  /** BLEU where every decoder reads the source of another pair. */
  readonly shuffled: readonly number[];
}

/** Thresholds, as they stood before the run that is committed. */
const learnt = 3;
const worse = 1.5;
const worseBits = 0.1;

/** Differences are those of seeds; it is their bounds that have to meet the thresholds. */
export const judgeTranslate = (reversible: Translations, transformer: Translations): Verdict =>
  judge([
    criterion(
      `the reversible model translates: at least ${learnt} BLEU more than with another pair's source (95 % bound)`,
      pairedDifference(reversible.bleu, reversible.shuffled)?.lower,
      (x) => x >= learnt,
      2,
    ),
    criterion(
      `it is behind the Transformer by at most ${worse} BLEU (95 % bound)`,
      pairedDifference(transformer.bleu, reversible.bleu)?.upper,
      (x) => x <= worse,
      2,
    ),
    criterion(
      `and by at most ${worseBits} bits per token (95 % bound)`,
      pairedDifference(reversible.bits, transformer.bits)?.upper,
      (x) => x <= worseBits,
      3,
    ),
    criterion(
      "both have as many parameters",
      pairedDifference(reversible.parameters, transformer.parameters)?.mean,
      (x) => x === 0,
      0,
    ),
  ]);
