import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../bench/commands/index.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "reformax-bench-"));
let printed = "";

beforeAll(() => {
  const args = ["bench/run.mjs", "--smallest", "--out", folder];
  printed = execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" });
}, 300_000);

afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Result {
  readonly name: string;
  readonly size: string;
  readonly rows: readonly Readonly<Record<string, string | number>>[];
}

describe("the benchmarks in their smallest form", () => {
  test.each(commands.map(({ name }) => name))("%s prints its table and writes its rows", (name) => {
    const result = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Result;
    expect([result.name, result.size]).toEqual([name, "smallest"]);
    expect(result.rows.length).toBeGreaterThan(0);
    for (const row of result.rows) {
      expect(printed).toContain(Object.keys(row)[0]);
      for (const value of Object.values(row)) {
        if (typeof value === "string") expect(value).not.toBe("");
        else expect(value).toBeGreaterThanOrEqual(0);
      }
    }
    expect(printed).toContain(`\n${name}: `);
  });

  test("plots time and memory against length, depth and rounds", () => {
    const plots = readdirSync(folder).filter((file) => file.endsWith(".svg"));
    expect(plots.sort()).toEqual(
      ["depth", "length", "rounds"].flatMap((axis) => [`${axis}-memory.svg`, `${axis}-time.svg`]),
    );
    for (const plot of plots) {
      expect(readFileSync(join(folder, plot), "utf8")).toMatch(/^<svg [^]*<\/svg>$/);
    }
  });
});
