import { pairedDifference } from "../frame/paired.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";

/** Over seeds, in bits per event. */
export interface MusicBits {
  readonly bits: readonly number[];
  readonly bigram: readonly number[];
  readonly unigram: readonly number[];
  /** Of the continuation of the first seed, where it was written: its notes, and the longest one's seconds. */
  readonly notes?: number;
  readonly longest?: number;
}

/** Thresholds, as they stood before the run that is committed. */
const overPairs = 0.1;
const overCounts = 1;
const fewestNotes = 50;
const longestNote = 20;

/** Differences are those of seeds; it is their bounds that have to meet the thresholds. */
export const judgeMusic = ({ bits, bigram, unigram, notes, longest }: MusicBits): Verdict =>
  judge([
    criterion(
      `the model needs at least ${overPairs} bits per event less than counts of pairs (95 % bound)`,
      pairedDifference(bigram, bits)?.lower,
      (x) => x >= overPairs,
      3,
    ),
    criterion(
      `at least ${overCounts} bits less than counts of events (95 % bound)`,
      pairedDifference(unigram, bits)?.lower,
      (x) => x >= overCounts,
      3,
    ),
    criterion(
      `the continuation has at least ${fewestNotes} notes of its own`,
      notes,
      (x) => x >= fewestNotes,
      0,
    ),
    criterion(
      `none of its notes sounds longer than ${longestNote} s`,
      longest,
      (x) => x <= longestNote,
    ),
  ]);
