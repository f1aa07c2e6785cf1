import { combine } from "../frame/extremes.ts";
import { pairedDifference } from "../frame/paired.ts";
import { sampleOf } from "../frame/statistics.ts";
import { criterion, judge, type Verdict } from "../frame/verdict.ts";
import type { Measured } from "../language/cells.ts";
import { ordinary, reversibleOne } from "./settings.ts";

/** Thresholds, as they stood before the run that is committed: bits per byte, and shares. */
const harm = 0.05;
const alike = 0.01;
const mostMemory = 0.6;

export function judgeReversible(measured: Measured): Verdict {
  const of = (name: string) =>
    [
      sampleOf(measured(reversibleOne, name))?.mean,
      sampleOf(measured(ordinary, name))?.mean,
    ] as const;
  const ratio = (name: string) => combine(...of(name), (a, b) => a / b);
  const drift = measured(reversibleOne, "drift");
  return judge([
    criterion(
      `reversible is above ordinary by at most ${harm} bits per byte (95 % bound)`,
      pairedDifference(measured(reversibleOne, "bits"), measured(ordinary, "bits"))?.upper,
      (x) => x <= harm,
      3,
    ),
    criterion(
      "the trained model's streams are rebuilt bit for bit: largest difference 0",
      drift.length === 0 ? undefined : Math.max(...drift),
      (x) => x === 0,
      9,
    ),
    criterion(
      `their numbers of parameters differ by at most ${100 * alike} %`,
      combine(ratio("parameters"), 1, (a, b) => 100 * Math.abs(a - b)),
      (x) => x <= 100 * alike,
      3,
    ),
    criterion(
      `reversible needs at most ${mostMemory} of the memory of a training step`,
      ratio("peak"),
      (x) => x <= mostMemory,
      3,
    ),
  ]);
}
