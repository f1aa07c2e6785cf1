import { checkSomeOf } from "../core/arguments.ts";

/**
 * One line of JSON. Numbers that JSON does not have (NaN, infinities) become strings.
 * @example
 * import { metricsLine } from "reformax/training";
 * console.log(metricsLine({ step: 3, bitsPerByte: 2.5, tokensPerSecond: 900 }).trim());
 * // => {"step":3,"bitsPerByte":2.5,"tokensPerSecond":900}
 */
export const metricsLine = <Line extends { readonly step: number }>(record: Line): string =>
  `${JSON.stringify(
    checkSomeOf<{ readonly step: number }>(record, { step: "count" }, "record", "metricsLine"),
    (_, value: unknown) =>
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  )}\n`;

/**
 * The log up to and with `step`, for a run that is resumed there: later lines, which the run will write again, and a
 * line that a crash cut off, are left out.
 */
export const metricsUpTo = (text: string, step: number): string =>
  text
    .split(/(?<=\n)/)
    .filter((line) => line.endsWith("\n") && stepOfLine(line) <= step)
    .join("");

function stepOfLine(line: string): number {
  try {
    const record: unknown = JSON.parse(line);
    const known = typeof record === "object" && record !== null && "step" in record;
    return known && typeof record.step === "number" ? record.step : Infinity;
  } catch {
    return Infinity;
  }
}
