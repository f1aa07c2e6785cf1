import { expect, test } from "vitest";
import {
  questionsFromOrThrow,
  prepareQuestionsOrThrow,
  runKeys,
  taskConfig,
} from "../../../src/training/index.ts";
import { separator } from "../../../src/training/spans/config.ts";
import {
  coveringPassage,
  gatherPassages,
  questionBatches,
} from "../../../src/training/spans/windows.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const answers = (text: string, start: number) => ({ text: [text], answer_start: [start] });
const line = (value: unknown): Uint8Array => bytes(`${JSON.stringify(value)}\n`);

test("questions come from lines, and from SQuAD's own nesting", () => {
  const one = { question: "Who?", context: "I am 𝔘lf.", answers: answers("𝔘lf", 5) };
  const expected = [
    { question: "Who?", passage: "I am 𝔘lf.", answers: [{ text: "𝔘lf", start: 5 }] },
  ];
  expect(questionsFromOrThrow(line(one))).toEqual(expected);
  const { question, context } = one;
  const qas = [{ id: "1", question, answers: [{ text: "𝔘lf", answer_start: 5 }] }];
  const squad = { version: "1.1", data: [{ title: "U", paragraphs: [{ context, qas }] }] };
  expect(questionsFromOrThrow(line(squad))).toEqual(expected);
  expect(questionsFromOrThrow(bytes(JSON.stringify(squad, null, 2)))).toEqual(expected);
});

test("what is wrong with each question is said", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [
      { question: "?", context: "abc", answers: answers("b", 2) },
      /line 1.*not where.*"b" at character 2/s,
    ],
    [{ question: "?", context: "abc", answers: { text: [], answer_start: [] } }, /has no answer/],
    [{ question: "?", context: "abc", answers: answers("", 1) }, /not where/],
    [{ question: "?", context: "abc" }, /has no answer/],
    [{ question: "?", answers: answers("b", 1) }, /has no question with a context/],
    [7, /is no object/],
  ];
  for (const [value, message] of wrong)
    expect(() => questionsFromOrThrow(line(value))).toThrow(message);
});

test("windows hold the answer where it is learned, and cover the passage where it is looked for", () => {
  const passage = `${"ä".repeat(40)}Ulf${"b".repeat(50)}`;
  const text = { question: "Who is it?", context: passage, answers: answers("Ulf", 40) };
  const config = taskConfig("spans", { training: { batch: 3, length: 32 } });
  const many = Array.from({ length: 10 }, () => `${JSON.stringify(text)}\n`).join("");
  const { data } = prepareQuestionsOrThrow(config, bytes(many));
  const [asked] = data.train;
  expect(asked.answer).toEqual([80, 82]);
  const seen = new Set<number>();
  for (let step = 0; step < 10; step++) {
    const { tokens, start, end } = questionBatches(data.train, config.training, runKeys(1))(step);
    for (let row = 0; row < 3; row++) {
      const own = Array.from(tokens.words().slice(32 * row, 32 * row + 32));
      const [first, last] = [start.words()[row], end.words()[row]];
      expect(String.fromCharCode(...own.slice(first, last + 1))).toBe("Ulf");
      expect(own[10]).toBe(separator);
      seen.add(first);
    }
  }
  expect(seen.size).toBeGreaterThan(3);
  const windows = coveringPassage(asked, 32);
  const covered = new Set(
    windows.flatMap(({ from }) => Array.from({ length: 21 }, (_, i) => from + i)),
  );
  expect(asked.passage.every((_, i) => covered.has(i))).toBe(true);
  const { start } = gatherPassages(windows, 32, windows.length);
  expect([...start.words()].some((place) => place >= 0)).toBe(true);
  expect([...start.words()]).toContain(-1);
});
