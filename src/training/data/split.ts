import * as E from "fp-ts/Either";
import { invalid, unlessProblems, type Problem, type Validated } from "../../interop/problem.ts";

/** Bytes from `from` up to, without, `to`. */
export type ByteRange = readonly [from: number, to: number];

/** Which bytes to learn from, and which to be measured on. */
export interface Split {
  readonly train: ByteRange;
  readonly validation: ByteRange;
}

/**
 * Reads `a:b,c:d`: bytes a to b are trained on, c to d are validated on.
 *
 * @example
 * import * as E from "fp-ts/Either";
 * import { parseSplit } from "reformax/training";
 * console.log(parseSplit("0:900,900:1000")); // => { _tag: 'Right', right: { train: [ 0, 900 ], validation: [ 900, 1000 ] } }
 */
export function parseSplit(text: string): Validated<Split> {
  const match = /^(\d+):(\d+),(\d+):(\d+)$/.exec(text.replace(/\s/g, "").replaceAll("_", ""));
  if (!match) {
    return invalid({
      where: "--split",
      problem: "cannot be understood",
      expected: "two byte ranges a:b,c:d, as in 0:900000,900000:1000000",
      got: JSON.stringify(text),
    });
  }
  const [a, b, c, d] = match.slice(1).map(Number);
  return E.right({ train: [a, b], validation: [c, d] });
}

/** Reads `a:b`: bytes a up to, without, b. */
export function parseRange(text: string, where: string): Validated<ByteRange> {
  const match = /^(\d+):(\d+)$/.exec(text.replace(/[\s_]/g, ""));
  if (match) return E.right([Number(match[1]), Number(match[2])]);
  const expected = "a byte range a:b, as in 0:900000";
  return invalid({ where, problem: "cannot be understood", expected, got: JSON.stringify(text) });
}

/** The last tenth of the data, at most a million bytes, is kept for validation. */
export function defaultSplit(bytes: number): Split {
  const validation = Math.min(1_000_000, Math.floor(bytes / 10));
  return { train: [0, bytes - validation], validation: [bytes - validation, bytes] };
}

/**
 * Checks that both ranges lie in the data, do not overlap, and that the training bytes hold at least one window of
 * `length` bytes and its targets.
 */
export function checkSplit(split: Split, bytes: number, length: number): Validated<Split> {
  const { train, validation } = split;
  const problems = [
    ...rangeProblems("data.train", train, bytes, length + 1),
    ...rangeProblems("data.validation", validation, bytes, 1),
  ];
  if (problems.length === 0 && train[0] < validation[1] && validation[0] < train[1]) {
    problems.push({
      where: "data",
      problem: "bytes are both trained and validated on",
      got: `${formatRange(train)} and ${formatRange(validation)}`,
      fix: "Choose ranges that do not overlap.",
    });
  }
  return unlessProblems(problems, () => split);
}

function rangeProblems(where: string, range: ByteRange, bytes: number, least: number): Problem[] {
  const [from, to] = range;
  const got = formatRange(range);
  if (from >= to) return [{ where, problem: "the byte range is empty", got }];
  if (to > bytes) {
    return [{ where, problem: "goes beyond the data", expected: `at most ${bytes} bytes`, got }];
  }
  if (to - from >= least) return [];
  return [
    {
      where,
      problem: "has too few bytes",
      expected: `at least ${least} (one window and its last target)`,
      got: `${to - from}`,
      fix: "Use more data or a smaller training.length.",
    },
  ];
}

const formatRange = ([from, to]: ByteRange): string => `${from}:${to}`;
