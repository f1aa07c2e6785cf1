import * as E from "fp-ts/lib/Either.js";
import { invalid, type Validated } from "../../edge/problem.ts";

/**
 * The lines of a text in UTF-8, without their ends (a newline, with or without a carriage return). A newline at the end of all ends
 * the last line and begins no other.
 */
export function textLines(data: Uint8Array): Validated<readonly string[]> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    return invalid({
      where: "--data",
      problem: "is no text",
      expected: "UTF-8",
      fix: "Convert it, as in: iconv -f latin1 -t utf-8.",
    });
  }
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === "") lines.pop();
  return E.right(lines);
}

/** How problems call a line. */
export const lineName = (index: number): string => `--data, line ${index + 1}`;
