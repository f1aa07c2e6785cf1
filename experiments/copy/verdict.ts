import type { Sample } from "../frame/statistics.ts";
import { combine, largest, smallest } from "../frame/extremes.ts";
import { criterion, judge, type Criterion, type Verdict } from "../frame/verdict.ts";
import { evaluatedWith, nameOf, trainedWith, type Attention } from "./settings.ts";

/** Over seeds, per cent; undefined where nothing was measured. */
export type Accuracy = (trained: Attention, evaluated: string) => Sample | undefined;

/** Thresholds in per cent, as they stood before the run that is committed. */
const solved = 99;
const nearlySolved = 98;
const usable = 90;
/** What eight rounds must be above one. */
const gain = 5;
/** By how much more rounds may look worse. */
const noise = 0.5;

/** Judges the table at every length that was measured: all of them have to agree. */
export const judgeCopy = (lengths: readonly Accuracy[]): Verdict =>
  judge(lengths.flatMap(criteriaOf));

const criteriaOf = (accuracy: Accuracy): readonly Criterion[] => {
  const mean = (trained: Attention, evaluated: Attention): number | undefined =>
    accuracy(trained, nameOf(evaluated))?.mean;
  const hashed = evaluatedWith.filter((one) => one !== "full");
  /** The most that an evaluation with more rounds was worse by, over all rows. */
  const worst = largest(
    trainedWith.flatMap((trained) =>
      hashed.slice(1).map((fewer, i) => difference(mean(trained, fewer), mean(trained, hashed[i]))),
    ),
  );
  const gains = trainedWith.map((trained) => difference(mean(trained, 8), mean(trained, 1)));
  const leastGain = smallest(gains);
  return [
    criterion(
      `full attention solves the task: at least ${solved}`,
      mean("full", "full"),
      (x) => x >= solved,
    ),
    criterion(
      `LSH-4 solves it, evaluated with 8 rounds: at least ${nearlySolved}`,
      mean(4, 8),
      (x) => x >= nearlySolved,
    ),
    criterion(
      `trained with full attention, evaluated with LSH-8: at least ${usable}`,
      mean("full", 8),
      (x) => x >= usable,
    ),
    criterion(`more rounds are never worse by more than ${noise}`, worst, (x) => x <= noise),
    criterion(
      `eight rounds are above one by at least ${gain}, in every row`,
      leastGain,
      (x) => x >= gain,
    ),
    criterion(
      "with one round, a model trained with LSH-4 is above one trained with full attention",
      difference(mean(4, 1), mean("full", 1)),
      (x) => x > 0,
    ),
  ];
};

const difference = (a: number | undefined, b: number | undefined): number | undefined =>
  combine(a, b, (x, y) => x - y);
