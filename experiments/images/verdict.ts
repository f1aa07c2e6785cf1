import { pairedDifference } from "../frame/paired.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";

/** Over seeds, in bits per dimension. */
export interface ImageBits {
  readonly bits: readonly number[];
  /** With every token in another one's bucket. */
  readonly shuffled: readonly number[];
  /** By counts of the training images, of a channel or of a place: the better ones. */
  readonly histogram: readonly number[];
}

/** Thresholds, as they stood before the run that is committed. */
const digitsGain = 0.2;
const coloursGain = 0.75;
const hashing = 0.003;

/** Differences are those of seeds; it is their bounds that have to meet the thresholds. */
export const judgeImages = (digits: ImageBits, colours: ImageBits): Verdict =>
  judge([
    criterion(
      `digits: the model needs at least ${digitsGain} bits per dimension less than a histogram (95 % bound)`,
      pairedDifference(digits.histogram, digits.bits)?.lower,
      (x) => x >= digitsGain,
      3,
    ),
    criterion(
      `colours: at least ${coloursGain} bits less (95 % bound)`,
      pairedDifference(colours.histogram, colours.bits)?.lower,
      (x) => x >= coloursGain,
      3,
    ),
    criterion(
      `digits: with every token in another one's bucket it loses at least ${hashing} bits (95 % bound)`,
      pairedDifference(digits.shuffled, digits.bits)?.lower,
      (x) => x >= hashing,
      4,
    ),
  ]);
