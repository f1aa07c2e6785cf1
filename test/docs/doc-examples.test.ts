import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { check, show } from "./check.ts";
import { extractExamples, extractPage } from "./extract.ts";
import { instrument } from "./instrument.ts";
import { runExample } from "./run-example.ts";

describe("extracting", () => {
  const source = [
    "const hidden = 1;",
    "/**",
    " * Doubles.",
    " *",
    " * @example",
    ' * import { double } from "reformax";',
    " *",
    " * double(2); // => 4",
    " * @example in a fence",
    " * Prose.",
    " * ```ts",
    " * double(3); // => 6",
    " * ```",
    " * @returns twice as much",
    " */",
    "export const double = (x: number): number => 2 * x;",
    "class A {",
    "  /** @example",
    "   * 1; // => 1",
    "   */",
    "  static two(): void {}",
    "}",
  ].join("\n");
  const examples = extractExamples("src/a.ts", source);

  test("finds plain and fenced code, where it stands and what it is about", () => {
    expect(examples.map(({ line, subject }) => [line, subject])).toEqual([
      [6, "double"],
      [12, "double"],
    ]);
    expect(examples.map(({ code }) => code)).toEqual([
      'import { double } from "reformax";\n\ndouble(2); // => 4',
      "double(3); // => 6",
    ]);
  });
});

describe("a page", () => {
  const page = ["# Title", "```ts", "const a = 1;", "```", "Prose.", "```ts", "a; // => 1", "```"];

  test("is one program, whose lines are where the page has them", () => {
    const { code } = extractPage("a.md", page.join("\n")) ?? {};
    expect(code).toBe("\n\nconst a = 1;\n\n\n\na; // => 1");
  });

  test("may have nothing to run", () => {
    expect(extractPage("a.md", "# Title\n```sh\nls\n```")).toBeUndefined();
  });
});

describe("showing", () => {
  class Own {
    toString(): string {
      return "f32[2] [1, 2]";
    }
  }
  test.each([
    [1.5, "1.5"],
    [-0, "-0"],
    ["text", "text"],
    [["a", 1, undefined], "['a', 1, undefined]"],
    [{ w: new Own(), b: [] }, "{ w: f32[2] [1, 2], b: [] }"],
    [new Own(), "f32[2] [1, 2]"],
    [new Float32Array([1, 2]), "Float32Array(2) [ 1, 2 ]"],
    [true, "true"],
    [null, "null"],
  ])("%o", (value, text) => {
    expect(show(value)).toBe(text);
  });
});

describe("checking", () => {
  test("ignores white space", () => {
    expect(() => check(1, "[ 1,\n   2 ]", [[1, 2]])).not.toThrow();
  });

  test("says what was printed instead", () => {
    expect(() => check(7, "3", [4])).toThrow(/line 7 [^]*4\nbut says\n {2}3/);
  });
});

describe("instrumenting", () => {
  const body = (code: string) => instrument(code, "c").replace(/^import .*? from "c"; /, "");

  test("expressions, logs and declarations", () => {
    expect(body("f(1); // => 2")).toBe(';__check(1, "2", [f(1)]); // => 2');
    expect(body("await f(1) // => 2")).toBe(';__check(1, "2", [await f(1)]); // => 2');
    expect(body("console.log(1, a);\n// => 1 2")).toBe(';__check(2, "1 2", [1, a]);\n// => 1 2');
    expect(body("const a = 1; // => 1")).toBe('const a = 1;;__check(1, "1", [a]); // => 1');
  });

  test("output of several lines", () => {
    expect(body("a; // => [1,\n//     2]\n// prose")).toContain('__check(1, "[1,\\n2]", [a])');
  });

  test("refuses an expectation without a value", () => {
    expect(() => body("import a from 'a';\n// => 2")).toThrow("line 2");
    expect(() => body("a;\n\n\n// => 2")).toThrow("line 4");
  });

  test("refuses code that does not parse", () => {
    expect(() => body("const = 1;")).toThrow("does not parse");
  });
});

describe("running", () => {
  mkdirSync("build", { recursive: true });
  const folder = resolve(mkdtempSync("build/doc-examples-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("an example that prints what it says", async () => {
    const code = "const x: number = await Promise.resolve(2);\nconsole.log(x * 2); // => 4";
    await expect(runExample(code, folder, "right")).resolves.toBeUndefined();
  });

  test("an example that prints something else", async () => {
    const code = "const x: number = 2;\nx * 2; // => 5";
    await expect(runExample(code, folder, "wrong")).rejects.toThrow("line 2 of the example");
  });

  test("an example that throws", async () => {
    await expect(runExample("throw new Error('no');", folder, "throws")).rejects.toThrow("no");
  });

  test("an example that imports what is not there", async () => {
    const code = 'import { nothing } from "reformax/nowhere"; nothing;';
    await expect(runExample(code, folder, "absent")).rejects.toThrow("nowhere");
  });
});
