import { criterion, judge, type Verdict } from "../frame/verdict.ts";
import type { Numbers, Report, Results } from "../frame/experiment.ts";
import { curveOf } from "../frame/train-task.ts";
import { wholeCell } from "./whole.ts";
import { places, windowsCell } from "./windows.ts";

/** Thresholds, as they stood before the run that is committed. */
const mostMemory = 4;
const overCounts = 1;
const tokensASecond = 20;

const gibibyte = 2 ** 30;

export function novelReport(results: Results): Report {
  const [whole, windows] = [numbersOf(results, wholeCell), numbersOf(results, windowsCell)];
  const text = (value: number | undefined, digits: number): string => value?.toFixed(digits) ?? "-";
  const steps = Array.from({ length: whole("steps") ?? 0 }, (_, i) => i + 1);
  return {
    tables: [
      {
        title: `Steps on the whole novel: ${text(whole("tokens"), 0)} tokens in ${text(whole("positions"), 0)} positions, planned ${text(inGibibytes(whole("planned")), 2)} GiB, used ${text(inGibibytes(whole("used")), 2)} GiB`,
        columns: ["step", "bits per token", "seconds"],
        rows: steps.map((step) => [
          String(step),
          text(whole(`bits ${step}`), 3),
          text(whole(`seconds ${step}`), 0),
        ]),
      },
      {
        title: "The same model on windows",
        columns: ["of", "is"],
        rows: [
          ["steps", text(windows("steps"), 0)],
          ["seconds of training", text(windows("seconds"), 0)],
          ["bits per token kept back", text(windows("bits"), 3)],
          ["by counts of tokens", text(windows("unigram"), 3)],
          ["by counts of pairs", text(windows("bigram"), 3)],
          ["tokens written a second", text(windows("tokensPerSecond"), 0)],
        ],
      },
    ],
    charts: [
      {
        file: "novel-windows",
        title: "Bits per token of windows kept back",
        x: { title: "steps" },
        y: { title: "bits per token", scale: "around" },
        series: [
          {
            name: "model",
            points: Object.hasOwn(results, windowsCell)
              ? curveOf(results[windowsCell], "valid")
              : [],
          },
        ],
      },
    ],
    files: places.map(({ file, title }) => ({ cell: windowsCell, name: file, title })),
    verdict: judgeNovel(whole, windows),
  };
}

/** A number of a cell, as long as it was measured. */
type NumberOf = (name: string) => number | undefined;

const numbersOf =
  (results: Results, cell: string): NumberOf =>
  (name) => {
    const numbers: Numbers = Object.hasOwn(results, cell) ? results[cell] : {};
    const value = Object.hasOwn(numbers, name) ? numbers[name] : null;
    return value ?? undefined;
  };

const inGibibytes = (bytes: number | undefined): number | undefined =>
  bytes === undefined ? undefined : bytes / gibibyte;

const difference = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a - b;

const judgeNovel = (whole: NumberOf, windows: NumberOf): Verdict =>
  judge([
    criterion(
      "every step on the whole novel rebuilds its streams bit for bit: steps that do not",
      difference(whole("steps"), whole("rebuilt")),
      (x) => x === 0,
      0,
    ),
    criterion(
      `a step plans with at most ${mostMemory} GiB`,
      inGibibytes(whole("planned")),
      (x) => x <= mostMemory,
      2,
    ),
    criterion(
      "the last step's loss is below the first one's: bits per token less",
      difference(whole("bits 1"), whole(`bits ${whole("steps") ?? 0}`)),
      (x) => x > 0,
      3,
    ),
    criterion(
      `trained on windows, the model needs at least ${overCounts} bit per token less than counts of tokens`,
      difference(windows("unigram"), windows("bits")),
      (x) => x >= overCounts,
      3,
    ),
    criterion(
      `it writes at least ${tokensASecond} tokens a second`,
      windows("tokensPerSecond"),
      (x) => x >= tokensASecond,
      0,
    ),
  ]);
