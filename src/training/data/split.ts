import { checkKinds, checkRecord } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import { rangeKind } from "../value-kinds.ts";
import * as E from "fp-ts/lib/Either.js";
import {
  invalid,
  orThrow,
  unlessProblems,
  type Problem,
  type Validated,
} from "../../edge/problem.ts";
import type { WindowOrder } from "./windows.ts";

/** Tokens from `from` up to, without, `to`. */
export type TokenRange = readonly [from: number, to: number];

/** Which tokens to learn from, and which to be measured on. */
export interface Split {
  readonly train: TokenRange;
  readonly validation: TokenRange;
}

/**
 * Reads `a:b,c:d`: tokens (bytes, mostly) a to b are trained on, c to d are validated on.
 *
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { parseSplit } from "reformax/training";
 * console.log(parseSplit("0:900,900:1000")); // => { _tag: 'Right', right: { train: [ 0, 900 ], validation: [ 900, 1000 ] } }
 */
export function parseSplit(text: string): Validated<Split> {
  checkKinds({ text: [text, "text"] }, "parseSplit");
  const match = /^(\d+):(\d+),(\d+):(\d+)$/.exec(text.replace(/\s/g, "").replaceAll("_", ""));
  if (!match) {
    return invalid({
      where: "--split",
      problem: "cannot be understood",
      expected: "two ranges a:b,c:d, as in 0:900000,900000:1000000",
      got: JSON.stringify(text),
    });
  }
  const [a, b, c, d] = match.slice(1).map(Number);
  return E.right({ train: [a, b], validation: [c, d] });
}

/**
 * {@link parseSplit}, throwing.
 *
 * @throws InputError when the text is not a split
 * @example
 * import { parseSplitOrThrow } from "reformax/training";
 * console.log(parseSplitOrThrow("0:900,900:1000").validation); // => [ 900, 1000 ]
 */
export const parseSplitOrThrow = (text: string): Split => orThrow(parseSplit(text));

/**
 * Reads `a:b`: tokens a up to, without, b. `where` names what was read, for the message.
 *
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { parseRange } from "reformax/training";
 * console.log(parseRange("5:9", "--range"), E.isLeft(parseRange("5-9", "--range"))); // => { _tag: 'Right', right: [ 5, 9 ] } true
 */
export function parseRange(text: string, where: string): Validated<TokenRange> {
  checkKinds({ text: [text, "text"], where: [where, "text"] }, "parseRange");
  const match = /^(\d+):(\d+)$/.exec(text.replace(/[\s_]/g, ""));
  if (match) return E.right([Number(match[1]), Number(match[2])]);
  const expected = "a range a:b, as in 0:900000";
  return invalid({ where, problem: "cannot be understood", expected, got: JSON.stringify(text) });
}

/**
 * {@link parseRange}, throwing.
 *
 * @throws InputError when the text is not a range
 * @example
 * import { parseRangeOrThrow } from "reformax/training";
 * console.log(parseRangeOrThrow("5:9", "--range")); // => [ 5, 9 ]
 */
export const parseRangeOrThrow = (text: string, where: string): TokenRange =>
  orThrow(parseRange(text, where));

const orders: readonly WindowOrder[] = ["random", "contiguous", "whole"];

const needKinds = {
  // Records are no windows: they have none.
  length: "count",
  order: orders,
  unit: orAbsent("text"),
} as const;

/** What a split has to serve. */
export interface WindowNeeds {
  /** Tokens that a window predicts. */
  readonly length: number;
  readonly order: WindowOrder;
  /** What the ranges count. Default: tokens. */
  readonly unit?: string;
}

/**
 * Where nobody said: the last tenth of the data, at most a million tokens, is kept for validation. If each
 * window is all of the data, nothing is.
 * @example
 * import { defaultSplit } from "reformax/training";
 * console.log(defaultSplit(1000)); // => { train: [ 0, 900 ], validation: [ 900, 1000 ] }
 */
export function defaultSplit(count: number, order: WindowOrder = "random"): Split {
  checkKinds({ count: [count, "count"], order: [order, orders] }, "defaultSplit");
  const validation = order === "whole" ? 0 : Math.min(1_000_000, Math.floor(count / 10));
  return { train: [0, count - validation], validation: [count - validation, count] };
}

/**
 * Checks that both ranges lie in the data, do not overlap, and that the training tokens make at least one window and
 * its targets, or exactly one if windows are whole data: then there need not be anything to validate on either.
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { checkSplit } from "reformax/training";
 * const split = { train: [0, 900], validation: [800, 1000] } as const;
 * const checked = checkSplit(split, 1000, { length: 64, order: "random" });
 * console.log(E.isLeft(checked) && checked.left[0].problem);
 * // => tokens are both trained and validated on
 */
export function checkSplit(split: Split, count: number, needs: WindowNeeds): Validated<Split> {
  checkRecord(split, { train: rangeKind, validation: rangeKind }, "split", "checkSplit");
  checkKinds({ count: [count, "count"] }, "checkSplit");
  checkRecord(needs, needKinds, "needs", "checkSplit");
  const { train, validation } = split;
  const { unit = "tokens" } = needs;
  const whole = needs.order === "whole";
  const window = needs.length + 1;
  const problems = [
    ...rangeProblems("data.train", train, count, whole ? 2 : window, unit),
    ...(whole && validation[0] === validation[1]
      ? []
      : rangeProblems("data.validation", validation, count, 1, unit)),
  ];
  if (problems.length === 0 && whole && train[1] - train[0] > window) {
    problems.push({
      where: "data.train",
      problem: "does not fit one window, as data.order whole asks",
      expected: `at most ${window} tokens (training.length and the last target)`,
      got: `${train[1] - train[0]}`,
      fix: "Use fewer tokens or a larger training.length.",
    });
  }
  if (problems.length === 0 && train[0] < validation[1] && validation[0] < train[1]) {
    problems.push({
      where: "data",
      problem: `${unit} are both trained and validated on`,
      expected: "ranges that do not overlap",
      got: `${formatRange(train)} and ${formatRange(validation)}`,
    });
  }
  return unlessProblems(problems, () => split);
}

/**
 * {@link checkSplit}, throwing.
 *
 * @throws InputError with everything that is wrong with the split
 * @example
 * import { checkSplitOrThrow, defaultSplit } from "reformax/training";
 * const split = checkSplitOrThrow(defaultSplit(1000), 1000, { length: 64, order: "random" });
 * console.log(split.train, split.validation); // => [ 0, 900 ] [ 900, 1000 ]
 */
export const checkSplitOrThrow = (split: Split, count: number, needs: WindowNeeds): Split =>
  orThrow(checkSplit(split, count, needs));

function rangeProblems(
  where: string,
  range: TokenRange,
  count: number,
  least: number,
  unit: string,
): Problem[] {
  const [from, to] = range;
  const got = formatRange(range);
  if (from >= to) return [{ where, problem: "the range is empty", got }];
  if (to > count) {
    return [{ where, problem: "goes beyond the data", expected: `at most ${count} ${unit}`, got }];
  }
  if (to - from >= least) return [];
  return [
    {
      where,
      problem: "has too few tokens",
      expected: `at least ${least} (one window and its last target)`,
      got: `${to - from}`,
      fix: "Use more data or a smaller training.length.",
    },
  ];
}

const formatRange = ([from, to]: TokenRange): string => `${from}:${to}`;
