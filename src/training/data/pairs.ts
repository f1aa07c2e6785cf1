import { checkKinds } from "../../core/arguments.ts";
import type { Kind } from "../../core/kinds.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { invalid, orThrow, validateAll, type Validated } from "../../edge/problem.ts";
import { lineName, textLines } from "./text-lines.ts";

/** A text, and what is to be made of it. */
export interface TextPair {
  readonly source: string;
  readonly target: string;
}

/** Numbers, from 1, of the columns of sources and targets. */
export type PairColumns = readonly [source: number, target: number];

/**
 * Pairs of texts, one a line, in columns between tabs. There may be more columns than two.
 *
 * @returns the pairs, or what is wrong with every line: too few columns, an empty one
 * @example
 * import { pairsFromOrThrow } from "reformax/training";
 * const data = new TextEncoder().encode("Go.\tGeh.\nHelp!\tHilf!\n");
 * console.log(pairsFromOrThrow(data)[1]); // => { source: 'Help!', target: 'Hilf!' }
 */
export const pairsFrom = (
  data: Uint8Array,
  columns: PairColumns = [1, 2],
): Validated<readonly TextPair[]> => {
  checkKinds({ data: [data, "bytes"], columns: [columns, columnsKind] }, "pairsFrom");
  return pipe(
    textLines(data),
    E.chain((lines) => validateAll(lines, (line, at) => pairOf(line, at, columns))),
  );
};

const columnsKind: Kind = {
  expected: "the numbers of two columns, from 1",
  is: (x) => Array.isArray(x) && x.length === 2 && x.every((n) => Number.isInteger(n) && n >= 1),
};

/**
 * {@link pairsFrom}, throwing.
 *
 * @throws InputError with what is wrong with every line
 */
export const pairsFromOrThrow = (
  data: Uint8Array,
  columns: PairColumns = [1, 2],
): readonly TextPair[] => orThrow(pairsFrom(data, columns));

function pairOf(line: string, at: number, [first, second]: PairColumns): Validated<TextPair> {
  const cells = line.split("\t").map((cell) => cell.trim());
  const [source, target] = [cells.at(first - 1), cells.at(second - 1)];
  const where = lineName(at);
  const expected = `a text in column ${first} and one in column ${second}, between tabs`;
  if (line.trim() === "") return invalid({ where, problem: "is empty", expected });
  if (source === undefined || target === undefined) {
    const got = `${cells.length} ${cells.length === 1 ? "column" : "columns"}`;
    return invalid({ where, problem: "has too few columns", expected, got });
  }
  if (source !== "" && target !== "") return E.right({ source, target });
  const problem = `column ${source === "" ? first : second} is empty`;
  return invalid({ where, problem, expected });
}
