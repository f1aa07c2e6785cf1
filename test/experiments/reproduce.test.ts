import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cellPath } from "../../experiments/frame/cell-path.ts";
import { chartSvg } from "../../experiments/frame/plot.ts";
import type { RunRecord } from "../../experiments/frame/record.ts";
import type { GivenData } from "../../experiments/frame/data.ts";
import { experiments } from "../../experiments/index.ts";
import { listText, reproduce, thisMachine } from "../../experiments/reproduce.ts";
import { init } from "../../src/init.ts";

let out: string;
beforeAll(async () => {
  out = mkdtempSync(join(tmpdir(), "reformax-reproduce-"));
  await init("wasm", { threads: 1 });
});
afterAll(() => {
  rmSync(out, { recursive: true, force: true });
});

const run = async (
  names: string[],
  data?: GivenData,
): Promise<{ text: string; lines: string[] }> => {
  const lines: string[] = [];
  const texts: string[] = [];
  await reproduce({
    names,
    size: "smallest",
    seeds: 1,
    data,
    out,
    machine: () => thisMachine("wasm", 1),
    print: (text) => texts.push(text),
    log: (line) => lines.push(line),
  });
  return { text: texts.join("\n"), lines };
};

describe.each(experiments.map((one) => [one.name, one] as const))("%s", (name, experiment) => {
  it("at its smallest size measures all of its cells, and shows them", async () => {
    const { text } = await run([name]);
    const { cells, report } = experiment.plan("smallest", 1);
    const record = JSON.parse(readFileSync(join(out, `${name}.json`), "utf8")) as RunRecord;
    expect(Object.keys(record.results)).toEqual(cells.map((cell) => cell.name));
    const { tables, charts, files = [], verdict } = report(record.results);
    expect(text).toContain(`Verdict: ${verdict.outcome}`);
    expect(verdict.outcome).not.toBe("not measured yet");
    for (const { columns, rows } of tables) {
      expect(rows.every((row) => row.length === columns.length)).toBe(true);
    }
    for (const { file } of charts) expect(existsSync(join(out, `${file}.svg`))).toBe(true);
    const page = readFileSync(join(out, "index.html"), "utf8");
    expect(page).toContain(`<section id="${name}">`);
    for (const file of files) {
      const path = `${cellPath(name, file.cell)}/${file.name}`;
      expect(existsSync(join(out, path))).toBe(true);
      expect(page).toContain(`<a href="${path}">`);
    }
    const markdown = readFileSync(join(out, "results.md"), "utf8");
    expect(markdown).toContain(`
## ${name}
`);
    for (const { got } of verdict.criteria) expect(markdown).toContain(`(measured ${got})`);
  });

  it("shows what is there of a run that was stopped anywhere", () => {
    const { report } = experiment.plan("smallest", 1);
    const record = JSON.parse(readFileSync(join(out, `${name}.json`), "utf8")) as RunRecord;
    const results = Object.entries(record.results);
    for (let count = 0; count <= results.length; count++) {
      const { tables, charts } = report(Object.fromEntries(results.slice(0, count)));
      for (const { columns, rows } of tables) {
        expect(rows.every((row) => row.length === columns.length)).toBe(true);
      }
      for (const chart of charts) expect(chartSvg(chart)).not.toMatch(/NaN|Infinity/);
    }
  });

  it("measures nothing twice", async () => {
    const { lines } = await run([name]);
    expect(lines.every((line) => line.endsWith("measured before"))).toBe(true);
  });

  it("has a report before anything is measured", () => {
    expect(experiment.plan("default", 3).report({}).verdict.outcome).toBe("not measured yet");
  });
});

it("names the experiments to somebody who asks for another one", async () => {
  await expect(run(["copies"])).rejects.toThrow(/no experiment is called copies/);
  expect(listText("default")).toContain("| copy");
  await expect(run(["copy"], { txt: "a" })).rejects.toThrow(/no experiment of this run reads/);
});
