import { combine, largest, smallest } from "../frame/extremes.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";
import {
  hashed,
  nameOf,
  passes,
  type Attention,
  type Pass,
  type SpeedSettings,
} from "./settings.ts";

/** Seconds of a step; undefined where it was not measured. */
export type Seconds = (attention: Attention, pass: Pass, length: number) => number | undefined;

/** Thresholds, as they stood before the run that is committed. */
const mostGrowth = 1.5;
const leastGrowth = 2;
const leastForRounds = 1.5;

/** Training and evaluation have to agree. */
export function judgeSpeed({ lengths }: SpeedSettings, seconds: Seconds): Verdict {
  const [short, long] = [lengths[0], lengths[lengths.length - 1]];
  const most = hashed[hashed.length - 1];
  const growth = (attention: Attention, pass: Pass) =>
    ratio(seconds(attention, pass, long), seconds(attention, pass, short));
  const times = long / short;
  return judge([
    criterion(
      `at ${times} times the length, hashing takes at most ${mostGrowth} times the processor time for as many tokens, with any number of rounds`,
      largest(passes.flatMap((pass) => hashed.map((rounds) => growth(rounds, pass)))),
      (x) => x <= mostGrowth,
      2,
    ),
    criterion(
      `full attention takes at least ${leastGrowth} times as much`,
      smallest(passes.map((pass) => growth("full", pass))),
      (x) => x >= leastGrowth,
      2,
    ),
    criterion(
      `${nameOf(most)} takes at least ${leastForRounds} times the time of LSH-1, at length ${long}`,
      smallest(passes.map((pass) => ratio(seconds(most, pass, long), seconds(1, pass, long)))),
      (x) => x >= leastForRounds,
      2,
    ),
    criterion(
      `full attention is slower than ${nameOf(most)} at length ${long}`,
      smallest(passes.map((pass) => ratio(seconds("full", pass, long), seconds(most, pass, long)))),
      (x) => x > 1,
      2,
    ),
  ]);
}

const ratio = (a: number | undefined, b: number | undefined): number | undefined =>
  combine(a, b, (x, y) => x / y);
