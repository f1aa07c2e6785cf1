import * as E from "fp-ts/lib/Either.js";
import { invalid, type Validated } from "../../edge/problem.ts";
import { checkSplit, type Split, type TokenRange } from "./split.ts";

/** Where nobody said, this many records at most, the last ones, are kept for validation. */
const mostValidation = 1000;

/**
 * Which of so many records to learn from, and which to be measured on: as the configuration says, or all but the last tenth, and that
 * tenth.
 */
export function splitRecords(
  {
    train,
    validation,
  }: { readonly train: TokenRange | null; readonly validation: TokenRange | null },
  count: number,
): Validated<Split> {
  if (train && validation) return checkSplit({ train, validation }, count, needs);
  const kept = Math.min(mostValidation, Math.floor(count / 10));
  if (count > 0) return E.right({ train: [0, count - kept], validation: [count - kept, count] });
  return invalid({ where: "--data", problem: "holds no records", expected: "one a line" });
}

const needs = { length: 0, order: "random", unit: "records" } as const;
