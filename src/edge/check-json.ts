import { kindOf } from "./kind-of.ts";
import type { Problem } from "./problem.ts";

/** Lists and objects within each other: far beyond what anything here is, far below what a call stack bears. */
const deepest = 100;

/** UTF-16 code units of a string. A whole configuration is one, in the header of a checkpoint that is a file. */
const longestString = 2 ** 24;

/**
 * Everything in a value that JSON cannot carry back, or that is deeper or longer than there is a use for. `JSON.parse`
 * makes infinity of a number beyond all numbers, and `JSON.stringify` null of that; a key that is undefined is not there.
 */
export function jsonProblems(value: unknown, where: string): readonly Problem[] {
  const problems: Problem[] = [];
  const path: string[] = [];
  const complain = (problem: string, expected: string | undefined, got: string): void => {
    const place = path.length === 0 || path.length > deepest ? [] : [path.join(".")];
    problems.push({ where: [where, ...place].filter(Boolean).join(": "), problem, expected, got });
  };
  let tooDeep = false;
  const visit = (part: unknown): void => {
    switch (typeof part) {
      case "number":
        if (!Number.isFinite(part)) complain("is not a finite number", undefined, String(part));
        return;
      case "string":
        checkString(part);
        return;
      case "boolean":
      case "undefined":
        return;
      case "object":
        if (part !== null) visitParts(part);
        return;
      default:
        complain(
          "is no JSON",
          "numbers, texts, true, false, null, lists and objects",
          kindOf(part),
        );
    }
  };
  const checkString = (text: string): void => {
    if (text.length <= longestString) return;
    complain("a text is too long", `at most ${longestString} characters`, String(text.length));
  };
  const visitParts = (whole: object): void => {
    if (path.length >= deepest) {
      if (tooDeep) return;
      tooDeep = true;
      problems.push({
        where,
        problem: "lists and objects lie too deep within each other",
        expected: `at most ${deepest} levels`,
      });
      return;
    }
    for (const [key, part] of Object.entries(whole) as [string, unknown][]) {
      checkString(key);
      path.push(key.slice(0, 60));
      visit(part);
      path.pop();
    }
  };
  visit(value);
  return problems;
}
