import { checkKinds } from "../../core/arguments.ts";
import { namedKinds, type Kind } from "../../core/kinds.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { orThrow, invalid, validateAll, type Validated } from "../../edge/problem.ts";
import { labelled, type LabelledText } from "../data/labelled.ts";
import { splitRecords } from "../data/record-split.ts";
import { lineName } from "../data/text-lines.ts";
import { checkClassifyConfig, type ClassifyConfig } from "./config.ts";

/** A text in bytes, and the number of its class. */
export interface ClassifiedText {
  readonly tokens: Uint8Array;
  readonly label: number;
}

export const classifiedKind: Kind = {
  expected: "a text with its class, { tokens, label }",
  is: (x) =>
    typeof x === "object" &&
    x !== null &&
    "tokens" in x &&
    namedKinds.bytes.is(x.tokens) &&
    "label" in x &&
    Number.isInteger(x.label),
};

/** What a run learns from and is measured on. */
export interface ClassifyData {
  readonly train: readonly ClassifiedText[];
  readonly validation: readonly ClassifiedText[];
}

export interface PreparedLabels {
  /** Names the ranges and the classes. */
  readonly config: ClassifyConfig & { readonly task: { readonly classes: readonly string[] } };
  readonly data: ClassifyData;
  /** All texts as they are written. */
  readonly texts: {
    readonly train: readonly LabelledText[];
    readonly validation: readonly LabelledText[];
  };
}

/** Texts in tokens, or every one whose label is none of the classes. `from` is the number of the first line. */
export const classified = (
  texts: readonly LabelledText[],
  classes: readonly string[],
  from: number,
): Validated<readonly ClassifiedText[]> => {
  const numbers = new Map(classes.map((name, i) => [name, i]));
  const encoder = new TextEncoder();
  return validateAll(texts, ({ label, text }, at) => {
    const number = numbers.get(label);
    if (number !== undefined) return E.right({ tokens: encoder.encode(text), label: number });
    return invalid({
      where: lineName(from + at),
      problem: "has a label that is none of the classes",
      expected: classes.slice(0, 10).join(", ") + (classes.length > 10 ? ", ..." : ""),
      got: label,
      fix: "Classes are the labels of the training texts, or what task.classes names.",
    });
  });
};

/** Texts in two parts, with the classes that the configuration names or those that the training texts have. */
export const prepareLabels = (
  config: ClassifyConfig,
  bytes: Uint8Array,
): Validated<PreparedLabels> => {
  checkClassifyConfig(config, "prepareLabels");
  checkKinds({ bytes: [bytes, "bytes"] }, "prepareLabels");
  return labelsFrom(config, bytes);
};

const labelsFrom = (config: ClassifyConfig, bytes: Uint8Array): Validated<PreparedLabels> =>
  pipe(
    labelled(bytes, config.data),
    E.bindTo("all"),
    E.bind("split", ({ all }) => splitRecords(config.data, all.length)),
    E.bind("texts", ({ all, split }) =>
      E.right({ train: all.slice(...split.train), validation: all.slice(...split.validation) }),
    ),
    E.bind("classes", ({ texts }) => classesOf(config, texts.train)),
    E.bind("train", ({ texts, classes, split }) =>
      classified(texts.train, classes, split.train[0]),
    ),
    E.bind("validation", ({ texts, classes, split }) =>
      classified(texts.validation, classes, split.validation[0]),
    ),
    E.map(({ split, texts, classes, train, validation }) => ({
      config: {
        ...config,
        task: { ...config.task, classes },
        data: { ...config.data, ...split },
      },
      data: { train, validation },
      texts,
    })),
  );

function classesOf(
  { task }: ClassifyConfig,
  texts: readonly LabelledText[],
): Validated<readonly string[]> {
  const classes = task.classes ?? [...new Set(texts.map(({ label }) => label))].sort();
  if (classes.length > 1) return E.right(classes);
  return invalid({
    where: "--data",
    problem: "all training texts have one label: there is nothing to tell apart",
    expected: "at least two labels",
    got: classes[0] ?? "none",
  });
}

/**
 * {@link prepareLabels}, or an error.
 *
 * @throws InputError with every problem: lines that are none, labels that are none of the classes, a split without room
 * @example
 * import { prepareLabelsOrThrow, taskConfig } from "reformax/training";
 * const lines = Array.from({ length: 40 }, (_, i) => `${i % 2 ? "up" : "down"}\tline ${i}\n`).join("");
 * const config = taskConfig("classify", { training: { batch: 1, length: 64 } });
 * const { data } = prepareLabelsOrThrow(config, new TextEncoder().encode(lines));
 * console.log(data.train.length + data.validation.length); // => 40
 */
export const prepareLabelsOrThrow = (config: ClassifyConfig, bytes: Uint8Array): PreparedLabels =>
  orThrow(prepareLabels(config, bytes));
