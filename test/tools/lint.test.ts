import { describe, expect, test } from "vitest";
import { checks } from "../../tools/lint/checks/index.mjs";
import { allowedFrom, beside, neighbours, tower } from "../../tools/lint/floor-plan.mjs";
import { parse } from "../../tools/lint/parse.mjs";
import { missed, planted } from "../../tools/lint/planted.mjs";

const everyFolder = [...tower.flat(), ...Object.keys(beside)];

describe("parsing", () => {
  test("finds every form of import, with its line", () => {
    const source = [
      `import "./a.ts";`,
      `import type { B } from "./b.ts";`,
      `export * from "./c.ts";`,
      `export type { D } from "./d.ts";`,
      `const e = import("./e.ts");`,
      `type F = import("./f.ts").F;`,
      `/* import "./comment.ts" */ const text = 'import "./text.ts"';`,
    ].join("\n");
    const found = parse("src/core/x.ts", source).imports;
    expect(found.map(({ specifier, line }) => `${line} ${specifier}`)).toEqual(
      ["a", "b", "c", "d", "e", "f"].map((name, index) => `${index + 1} ./${name}.ts`),
    );
    expect(found.map(({ typeOnly }) => typeOnly)).toEqual([false, true, false, true, false, true]);
  });

  test("refuses source with a syntax error", () => {
    expect(() => parse("src/core/x.ts", "const = 1;")).toThrow("src/core/x.ts");
  });
});

describe("floor plan", () => {
  test("has no two folders that may import each other", () => {
    for (const a of everyFolder) {
      for (const b of allowedFrom(a)) {
        if (a !== b) expect(allowedFrom(b).has(a), `${a} and ${b}`).toBe(false);
      }
    }
  });

  test("lists neighbours of one floor only", () => {
    for (const [folder, others] of Object.entries(neighbours)) {
      const floor = tower.find((names) => names.includes(folder));
      for (const other of others) expect(floor).toContain(other);
    }
  });
});

describe("planted trees", () => {
  test.each(planted)("$name", (tree) => {
    expect(missed(tree)).toBeUndefined();
  });

  test("hold a fault for every check", () => {
    const covered = new Set(planted.map(({ check }) => check));
    expect([...covered].filter((check) => check !== undefined)).toEqual(Object.keys(checks));
  });

  test("a fault that no check finds is noticed", () => {
    const sources = { "src/core/a.ts": "export const a = 1;" };
    expect(missed({ check: "layers", name: "nothing", sources })).toContain("found 0");
  });

  test("a clean tree that a check rejects is noticed", () => {
    const sources = { "src/core/a.ts": "export const a = Math.exp(1);" };
    expect(missed({ check: undefined, name: "exp", sources })).toContain("Math.exp");
  });
});
