import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { scoreAnswer } from "../../../src/training/index.ts";
import { bestSpan } from "../../../src/training/spans/measure.ts";
import * as fc from "fast-check";

interface Case {
  readonly answer: string;
  readonly found: string;
  readonly exact: number;
  readonly f1: number;
}

const cases = JSON.parse(
  readFileSync(new URL("../../golden/squad.json", import.meta.url), "utf8"),
) as readonly Case[];

describe("an answer", () => {
  test("is scored as SQuAD's script scores it", () => {
    expect(cases.length).toBeGreaterThan(200);
    for (const { answer, found, exact, f1 } of cases) {
      const score = scoreAnswer(found, [answer]);
      expect(score.exact, `${found} / ${answer}`).toBe(exact);
      expect(score.f1, `${found} / ${answer}`).toBeCloseTo(f1, 12);
    }
  });

  test("counts by the right answer that it is most like", () => {
    expect(scoreAnswer("the red fox", ["fox", "red foxes", "red fox"])).toEqual({
      exact: 1,
      f1: 1,
    });
    expect(scoreAnswer("x", [])).toEqual({ exact: 0, f1: 0 });
  });
});

test("the best span is the best of all pairs of ends", () => {
  const scores = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 12, maxLength: 12 });
  fc.assert(
    fc.property(
      scores,
      scores,
      fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 6, max: 12 })),
      fc.integer({ min: 1, max: 7 }),
      (start, end, [from, to], longest) => {
        const found = bestSpan(start, end, from, to, longest);
        const all: number[] = [];
        for (let a = from; a < to; a++) {
          for (let b = a; b < Math.min(to, a + longest); b++) all.push(start[a] + end[b]);
        }
        expect(found.score).toBe(Math.max(...all));
        expect(start[found.from] + end[found.to - 1]).toBe(found.score);
        expect(found.to - found.from).toBeGreaterThan(0);
        expect(found.to - found.from).toBeLessThanOrEqual(longest);
      },
    ),
  );
});
