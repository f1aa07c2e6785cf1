import * as fc from "fast-check";
import * as E from "fp-ts/lib/Either.js";
import { describe, expect, test } from "vitest";
import { jsonProblems } from "../../src/edge/check-json.ts";
import { parseJson } from "../../src/edge/json.ts";
import { formatProblem, InputError, validateAll, invalid } from "../../src/edge/problem.ts";

const complaints = (text: string): readonly string[] => {
  const parsed = parseJson(text, "f");
  return E.isLeft(parsed) ? parsed.left.map(formatProblem) : [];
};

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

describe("parseJson", () => {
  test("reads whatever JSON.stringify writes, and refuses a repeated key wherever it stands", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value, null, 1);
        // JSON.stringify writes -0 as 0.
        expect(parseJson(text, "f")).toEqual(E.right(JSON.parse(text)));
      }),
    );
    const keys = fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(keys, fc.nat(3), (names, depth) => {
        const members = names.map((name) => `${JSON.stringify(name)} :\t[{"\\"{}:,":1}]`);
        const text = `${'[{}, {"a":'.repeat(depth)}{${members.join()}}${"}]".repeat(depth)}`;
        const twice = names.length - new Set(names).size;
        expect(complaints(text)).toHaveLength(twice);
      }),
    );
  });

  test.each([
    ['{"a":{"b":[0,1e999]}}', "f: a.b.1: is not a finite number: got Infinity"],
    ["-1e400", "f: is not a finite number: got -Infinity"],
    [
      nested(101),
      "f: lists and objects lie too deep within each other: expected at most 100 levels",
    ],
    ['{"a":1,"\\u0061":2}', 'f: a key stands twice in one object: got "a"'],
  ])("refuses %.30s", (text, problem) => {
    expect(complaints(text)).toEqual([problem]);
  });

  test("a million levels, and a text of 20 million characters, are problems and no crash", () => {
    expect(complaints(nested(1_000_000))).toHaveLength(1);
    expect(complaints(`{"a":${nested(1_000_000)}}`)).toHaveLength(1);
    expect(complaints("[".repeat(1_000_000))[0]).toMatch(/is not valid JSON/);
    const long = JSON.stringify({ note: "\\\n".repeat(10_000_000) });
    expect(complaints(long)).toEqual([
      "f: note: a text is too long: expected at most 16777216 characters, got 20000000",
    ]);
  });
});

describe("jsonProblems", () => {
  test("values that JSON cannot carry back", () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    const found = (value: unknown): readonly string[] =>
      jsonProblems(value, "p").map(formatProblem);
    expect(found({ a: [NaN, 1], b: undefined })).toEqual([
      "p: a.0: is not a finite number: got NaN",
    ]);
    expect(found(1n)[0]).toMatch(/^p: is no JSON: .*got 1$/);
    expect(found({ f: () => 0 })[0]).toMatch(/^p: f: is no JSON/);
    expect(found(cyclic)).toHaveLength(1);
  });
});

test("validateAll keeps order, and all problems of long lists, which a message shows the first of", () => {
  const items = Array.from({ length: 200_000 }, (_, i) => i);
  expect(validateAll(items, (item) => E.right(item))).toEqual(E.right(items));
  const all = validateAll(items, (i) => invalid({ where: String(i), problem: "bad" }));
  if (E.isRight(all)) throw new Error("nothing was refused");
  expect(all.left).toHaveLength(items.length);
  expect(new InputError(all.left).message).toMatch(
    /^200000 problems:\n {2}- 0: bad\n(.*\n){19} {2}\.\.\. and 199980 more$/,
  );
});
