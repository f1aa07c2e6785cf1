import { checkKinds } from "../../core/arguments.ts";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { isJsonObject, parseJson, type Json } from "../../edge/json.ts";
import { kindOf } from "../../edge/kind-of.ts";
import { invalid, orThrow, validateAll, type Validated } from "../../edge/problem.ts";
import { lineName, textLines } from "./text-lines.ts";

/** An answer: a part of a passage. */
export interface Answer {
  readonly text: string;
  /** The place in the passage where it begins, in characters (code points), as SQuAD counts. */
  readonly start: number;
}

/** A question about a passage that holds its answer. */
export interface Question {
  readonly question: string;
  readonly passage: string;
  /** At least one; the first one is learned. */
  readonly answers: readonly Answer[];
}

/**
 * Questions about passages: SQuAD's own JSON file, or one object a line, as data sets of HuggingFace's hub have them, with `question`,
 * `context` and `answers: { text: [...], answer_start: [...] }`.
 *
 * @returns the questions, or what is wrong with every one: no answer, an answer that is not where it is said to be
 * @example
 * import { questionsFromOrThrow } from "reformax/training";
 * const line = '{"question": "Who?", "context": "It was I.", "answers": {"text": ["I"], "answer_start": [7]}}';
 * console.log(questionsFromOrThrow(new TextEncoder().encode(line))[0].answers); // => [ { text: 'I', start: 7 } ]
 */
export function questionsFrom(data: Uint8Array): Validated<readonly Question[]> {
  checkKinds({ data: [data, "bytes"] }, "questionsFrom");
  return pipe(
    textLines(data),
    E.chain((lines) => {
      const whole = parseJson(lines.join("\n"), "--data");
      if (E.isRight(whole) && isJsonObject(whole.right) && Array.isArray(whole.right.data)) {
        return validateAll(flat(whole.right.data), ([where, record]) => questionOf(where, record));
      }
      return validateAll(lines, (line, at) =>
        pipe(
          parseJson(line, lineName(at)),
          E.chain((record) => questionOf(lineName(at), record)),
        ),
      );
    }),
  );
}

/**
 * {@link questionsFrom}, throwing.
 *
 * @throws InputError with what is wrong with every question
 */
export const questionsFromOrThrow = (data: Uint8Array): readonly Question[] =>
  orThrow(questionsFrom(data));

/** The questions of SQuAD's nesting, with their passages: articles, paragraphs, questions. */
function flat(articles: readonly Json[]): readonly (readonly [where: string, record: Json])[] {
  const listAt = (value: Json, key: string): readonly Json[] => {
    const list = isJsonObject(value) ? value[key] : undefined;
    return Array.isArray(list) ? list : [];
  };
  return articles.flatMap((article, i) =>
    listAt(article, "paragraphs").flatMap((paragraph, j) =>
      listAt(paragraph, "qas").map((asked, k) => {
        const where = `--data, data.${i}.paragraphs.${j}.qas.${k}`;
        const context = isJsonObject(paragraph) ? (paragraph.context ?? null) : null;
        return [where, isJsonObject(asked) ? { ...asked, context } : asked] as const;
      }),
    ),
  );
}

function questionOf(where: string, record: Json): Validated<Question> {
  if (!isJsonObject(record)) {
    const expected = "a question, its context and its answers";
    return invalid({ where, problem: "is no object", expected, got: kindOf(record) });
  }
  const { question, context, answers } = record;
  if (typeof question !== "string" || typeof context !== "string") {
    return invalid({
      where,
      problem: "has no question with a context",
      expected: "texts under the keys question and context",
      got: `the keys ${Object.keys(record).join(", ")}`,
    });
  }
  const given = answersOf(answers);
  if (given === null || given.length === 0) {
    return invalid({
      where,
      problem: "has no answer",
      expected:
        "answers: { text: [...], answer_start: [...] }, or a list of { text, answer_start }, with one at least",
      got: JSON.stringify(answers) ?? "nothing",
    });
  }
  const characters = Array.from(context);
  const wrong = given.find(
    ({ text, start }) =>
      text === "" || characters.slice(start, start + Array.from(text).length).join("") !== text,
  );
  if (!wrong) return E.right({ question, passage: context, answers: given });
  return invalid({
    where,
    problem: "has an answer that is not where it is said to be",
    expected: `${JSON.stringify(wrong.text)} at character ${wrong.start} of the context`,
    got: JSON.stringify(characters.slice(wrong.start, wrong.start + 20).join("")),
  });
}

function answersOf(answers: Json | undefined): readonly Answer[] | null {
  const one = (text: Json | undefined, start: Json | undefined): readonly Answer[] =>
    typeof text === "string" && typeof start === "number" && Number.isInteger(start) && start >= 0
      ? [{ text, start }]
      : [];
  if (Array.isArray(answers)) {
    return answers.flatMap((answer) =>
      isJsonObject(answer) ? one(answer.text, answer.answer_start) : [],
    );
  }
  if (!isJsonObject(answers)) return null;
  const { text, answer_start: starts } = answers;
  if (!Array.isArray(text) || !Array.isArray(starts)) return null;
  return text.flatMap((each, i) => one(each, starts[i]));
}
