import * as E from "fp-ts/lib/Either.js";
import { invalid, type Validated } from "../../edge/problem.ts";
import type { EvaluationRequest } from "../task/kind.ts";
import type { TokenRange } from "./split.ts";

/** Records as bytes, to tell data apart by. */
export const recordBytes = (records: readonly unknown[]): Uint8Array =>
  new TextEncoder().encode(records.map((record) => JSON.stringify(record)).join("\n"));

/**
 * Which of `count` tokens or records are measured: those that were asked for, the validation part of the run if the data are its data, or
 * all.
 *
 * @param partOf - the bytes of a part, as the run told its data apart by
 */
export function evaluatedRange(
  count: number,
  partOf: (from: number, to: number) => Uint8Array,
  { config, range, isOfRun }: Pick<EvaluationRequest, "config" | "range" | "isOfRun">,
): Validated<TokenRange> {
  const all: TokenRange = [0, count];
  if (range) {
    const [from, to] = range;
    if (from < to && to <= count) return E.right(range);
    return invalid({
      where: "--range",
      problem: from < to ? "goes beyond the data" : "is empty",
      expected: `a range within 0:${count}`,
      got: `${from}:${to}`,
    });
  }
  const { train, validation } = config.data;
  if (train === null || validation === null || validation[0] === validation[1]) return E.right(all);
  if (validation[1] > count) return E.right(all);
  const parts = { train: partOf(...train), validation: partOf(...validation) };
  return E.right(isOfRun(parts) ? validation : all);
}
