import { combine } from "../frame/extremes.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";
import { chunked, type Readings } from "./readings.ts";
import type { Kind, MemorySettings } from "./settings.ts";

/** Thresholds, as they stood before the run that is committed. */
const leastRatio = 4;
const mostGrowth = 0.1;
const mostExponent = 1.1;
const leastExponent = 1.6;
const mostForRounds = 1.5;

const plain: Kind = "Transformer, L x L";

export function judgeMemory(
  { lengths, depths, roundCounts }: MemorySettings,
  { peak, atLength, withRounds, growth, ofLength }: Readings,
): Verdict {
  const [shallow, deep] = [depths[0], depths[depths.length - 1]];
  const long = lengths[lengths.length - 1];
  const ratio = combine(
    peak(atLength(plain, long)),
    peak(atLength(chunked, long)),
    (a, b) => a / b,
  );
  const ofRounds = combine(
    peak(withRounds(roundCounts[0])),
    peak(withRounds(roundCounts[roundCounts.length - 1])),
    (a, b) => b / a,
  );
  return judge([
    criterion(
      `the Transformer that stores L x L needs at least ${leastRatio} times the Reformer's memory, at length ${long}`,
      ratio,
      (x) => x >= leastRatio,
      2,
    ),
    criterion(
      `from ${shallow} to ${deep} layers a Reformer needs at most ${mostGrowth} of its activations more`,
      growth(chunked),
      (x) => x <= mostGrowth,
      3,
    ),
    criterion(
      `its exponent of the length is at most ${mostExponent}`,
      ofLength(chunked, "memory"),
      (x) => x <= mostExponent,
      2,
    ),
    criterion(
      `that of the Transformer which stores L x L is at least ${leastExponent}`,
      ofLength(plain, "memory"),
      (x) => x >= leastExponent,
      2,
    ),
    criterion(
      `the most rounds need at most ${mostForRounds} times the memory of one`,
      ofRounds,
      (x) => x <= mostForRounds,
      2,
    ),
  ]);
}
