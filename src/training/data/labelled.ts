import { describeArgument } from "../../core/describe-argument.ts";
import { checkKinds, checkOptions, type KindsOf } from "../../core/arguments.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { isJsonObject, parseJson, type Json } from "../../edge/json.ts";
import { kindOf } from "../../edge/kind-of.ts";
import { invalid, orThrow, validateAll, type Validated } from "../../edge/problem.ts";
import { lineName, textLines } from "./text-lines.ts";

/** A text and the class that it belongs to. */
export interface LabelledText {
  readonly label: string;
  readonly text: string;
}

/** How lines hold labels and texts. */
export interface LabelledFormat {
  /** `tsv`: the label, a tab, the text. `jsonl`: an object. `auto`: the latter where the data begin with a brace. */
  readonly format: "auto" | "tsv" | "jsonl";
  /** The keys of label and text in the objects of `jsonl`. */
  readonly labelKey: string;
  readonly textKey: string;
}

const defaultFormat: LabelledFormat = { format: "auto", labelKey: "label", textKey: "text" };

/**
 * Texts with labels, one a line.
 *
 * @returns the texts, or what is wrong with every line: no label, no text, no JSON
 * @example
 * import { labelledFromOrThrow } from "reformax/training";
 * const data = new TextEncoder().encode('{"label": 3, "text": "It was a dark night."}\n');
 * console.log(labelledFromOrThrow(data)[0]); // => { label: '3', text: 'It was a dark night.' }
 */
export const labelledFrom = (
  data: Uint8Array,
  format: Partial<LabelledFormat> = {},
): Validated<readonly LabelledText[]> => {
  checkKinds({ data: [data, "bytes"] }, "labelledFrom");
  checkOptions(format, formatKinds, "labelledFrom");
  return labelled(data, { ...defaultFormat, ...format });
};

const formatKinds: KindsOf<LabelledFormat> = {
  format: ["auto", "tsv", "jsonl"],
  labelKey: "text",
  textKey: "text",
};

/** {@link labelledFrom} in a format that is complete. */
export const labelled = (
  data: Uint8Array,
  chosen: LabelledFormat,
): Validated<readonly LabelledText[]> =>
  pipe(
    textLines(data),
    E.chain((lines) => {
      const isJson =
        chosen.format === "auto"
          ? lines.at(0)?.trimStart().startsWith("{")
          : chosen.format === "jsonl";
      return validateAll(lines, (line, at) =>
        line.trim() === ""
          ? invalid({ where: lineName(at), problem: "is empty", expected: "a label and a text" })
          : isJson
            ? fromObject(line, at, chosen)
            : fromColumns(line, at),
      );
    }),
  );

/**
 * {@link labelledFrom}, throwing.
 *
 * @throws InputError with what is wrong with every line
 */
export const labelledFromOrThrow = (
  data: Uint8Array,
  format: Partial<LabelledFormat> = {},
): readonly LabelledText[] => orThrow(labelledFrom(data, format));

function fromColumns(line: string, at: number): Validated<LabelledText> {
  const tab = line.indexOf("\t");
  const [label, text] = [line.slice(0, Math.max(0, tab)).trim(), line.slice(tab + 1).trim()];
  if (tab >= 0 && label !== "" && text !== "") return E.right({ label, text });
  return invalid({
    where: lineName(at),
    problem: tab < 0 ? "has no tab" : `has no ${label === "" ? "label" : "text"}`,
    expected: "a label, a tab, and a text",
    got: describeArgument(line),
  });
}

const fromObject = (
  line: string,
  at: number,
  { labelKey, textKey }: LabelledFormat,
): Validated<LabelledText> =>
  pipe(
    parseJson(line, lineName(at)),
    E.chain((object) => {
      const where = lineName(at);
      if (!isJsonObject(object)) {
        return invalid({ where, problem: "is no object", got: kindOf(object) });
      }
      const label = wordOf(object[labelKey]);
      const text = object[textKey];
      if (label !== undefined && typeof text === "string" && text !== "") {
        return E.right({ label, text });
      }
      const missing = label === undefined ? labelKey : textKey;
      return invalid({
        where,
        problem: `has no ${label === undefined ? "label" : "text"} under the key ${JSON.stringify(missing)}`,
        expected: label === undefined ? "a word or a number" : "a text that is not empty",
        got: Object.hasOwn(object, missing)
          ? kindOf(object[missing])
          : `the keys ${Object.keys(object).join(", ")}`,
      });
    }),
  );

const wordOf = (label: Json | undefined): string | undefined =>
  typeof label === "number" || (typeof label === "string" && label !== "")
    ? String(label)
    : undefined;
