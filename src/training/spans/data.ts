import { checkKinds } from "../../core/arguments.ts";
import { namedKinds, type Kind } from "../../core/kinds.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { orThrow, type Validated } from "../../edge/problem.ts";
import { questionsFrom, type Question } from "../data/questions.ts";
import { splitRecords } from "../data/record-split.ts";
import { checkSpansConfig, type SpansConfig } from "./config.ts";

/** A question and its passage in bytes. */
export interface AskedPassage {
  readonly question: Uint8Array;
  readonly passage: Uint8Array;
  /** First and last byte of the answer that is learned. */
  readonly answer: readonly [first: number, last: number];
  /** All right answers. */
  readonly right: readonly string[];
}

export const askedKind: Kind = {
  expected: "a question with its passage, { question, passage, answer, right }",
  is: (x) =>
    typeof x === "object" &&
    x !== null &&
    "question" in x &&
    namedKinds.bytes.is(x.question) &&
    "passage" in x &&
    namedKinds.bytes.is(x.passage) &&
    "answer" in x &&
    Array.isArray(x.answer) &&
    "right" in x &&
    Array.isArray(x.right),
};

/** What a run learns from and is measured on. */
export interface SpansData {
  readonly train: readonly AskedPassage[];
  readonly validation: readonly AskedPassage[];
}

export interface PreparedQuestions {
  /** Names the ranges. */
  readonly config: SpansConfig;
  readonly data: SpansData;
  /** All questions as they are written. */
  readonly texts: { readonly train: readonly Question[]; readonly validation: readonly Question[] };
}

const encoder = new TextEncoder();

/** A question in bytes: answers begin at characters, and characters may be several bytes. */
export function askedPassage({ question, passage, answers }: Question): AskedPassage {
  const [{ text, start }] = answers;
  const before = encoder.encode(Array.from(passage).slice(0, start).join("")).length;
  return {
    question: encoder.encode(question),
    passage: encoder.encode(passage),
    answer: [before, before + encoder.encode(text).length - 1],
    right: answers.map((answer) => answer.text),
  };
}

/** Questions in two parts. */
export function prepareQuestions(
  config: SpansConfig,
  bytes: Uint8Array,
): Validated<PreparedQuestions> {
  checkSpansConfig(config, "prepareQuestions");
  checkKinds({ bytes: [bytes, "bytes"] }, "prepareQuestions");
  return pipe(
    questionsFrom(bytes),
    E.bindTo("all"),
    E.bind("split", ({ all }) => splitRecords(config.data, all.length)),
    E.map(({ all, split }) => {
      const texts = {
        train: all.slice(...split.train),
        validation: all.slice(...split.validation),
      };
      return {
        config: { ...config, data: { ...config.data, ...split } },
        data: {
          train: texts.train.map(askedPassage),
          validation: texts.validation.map(askedPassage),
        },
        texts,
      };
    }),
  );
}

/**
 * {@link prepareQuestions}, or an error.
 *
 * @throws InputError with every problem: questions without answers, answers that are elsewhere, a split without room
 * @example
 * import { prepareQuestionsOrThrow, taskConfig } from "reformax/training";
 * const line = '{"question": "Who?", "context": "It was I.", "answers": {"text": ["I"], "answer_start": [7]}}\n';
 * const config = taskConfig("spans", { training: { batch: 1, length: 64 } });
 * const { data } = prepareQuestionsOrThrow(config, new TextEncoder().encode(line.repeat(20)));
 * console.log(data.train.length, data.validation.length, data.train[0].answer); // => 18 2 [ 7, 7 ]
 */
export const prepareQuestionsOrThrow = (
  config: SpansConfig,
  bytes: Uint8Array,
): PreparedQuestions => orThrow(prepareQuestions(config, bytes));
