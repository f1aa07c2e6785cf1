import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cell, Experiment } from "../../experiments/frame/experiment.ts";
import { thisMachine } from "../../experiments/frame/machine.ts";
import { pageHtml } from "../../experiments/frame/page.ts";
import { chartSvg } from "../../experiments/frame/plot.ts";
import { scaleOf } from "../../experiments/frame/scale.ts";
import { readRecord } from "../../experiments/frame/record.ts";
import { runExperiment, type RunOptions } from "../../experiments/frame/run.ts";
import { exponentBetween, formatSample, sampleOf } from "../../experiments/frame/statistics.ts";
import { tableText } from "../../experiments/frame/table.ts";
import { criterion, judge } from "../../experiments/frame/verdict.ts";

let out: string;
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), "reformax-claims-"));
});
afterEach(() => {
  rmSync(out, { recursive: true, force: true });
});

const options = (): RunOptions => ({
  size: "smallest",
  seeds: 1,
  out,
  machine: () => thisMachine("wasm", 1),
  log: () => undefined,
});

/** Three cells, the second of which may fail. */
const threeCells = (ran: string[], failing: boolean, rate = 1): Experiment => ({
  name: "three",
  claim: "counts < & >",
  published: "nowhere",
  costs: {
    smallest: { minutes: 0, mebibytes: 0 },
    default: { minutes: 0, mebibytes: 0 },
    full: { minutes: 0, mebibytes: 0 },
  },
  plan: () => ({
    settings: { rate },
    cells: ["a", "b", "c"].map((name) => ({
      name,
      run: () => {
        if (failing && name === "b") return Promise.reject(new Error("stopped"));
        ran.push(name);
        return Promise.resolve({ length: name.charCodeAt(0) });
      },
    })),
    report: (results) => ({
      tables: [
        {
          title: "t",
          columns: ["name", "value"],
          rows: Object.entries(results).map(([name, { length }]) => [name, String(length)]),
        },
      ],
      charts: [],
      verdict: judge([criterion("a is 97", results.a?.length ?? undefined, (x) => x === 97)]),
    }),
  }),
});

it("goes on after an interruption with the cells that are missing", async () => {
  const ran: string[] = [];
  await expect(runExperiment(threeCells(ran, true), options())).rejects.toThrow("stopped");
  const report = await runExperiment(threeCells(ran, false), options());
  expect(ran).toEqual(["a", "b", "c"]);
  expect(report.verdict.outcome).toBe("holds");
  expect(tableText(report.tables[0])).toContain("| c    |    99 |");
  expect(pageHtml([threeCells(ran, false)], out)).toContain("counts &lt; &amp; &gt;");
});

it("cells have folders for files, made when they ask for one", async () => {
  const one = threeCells([], false);
  const folders: string[] = [];
  await runExperiment(
    {
      ...one,
      plan: () => ({
        ...one.plan("smallest", 1),
        cells: ["a/../b, 1", "c"].map((name) => ({
          name,
          run: ({ folder }) => {
            if (name !== "c") folders.push(folder(), folder());
            return Promise.resolve({ length: 97 });
          },
        })),
      }),
    },
    options(),
  );
  expect(folders).toEqual(Array(2).fill(join(out, "three", "a-..-b-1")));
  expect(readdirSync(join(out, "three"))).toEqual(["a-..-b-1"]);
});

it("what a cell took before an interruption counts", async () => {
  const one = threeCells([], false);
  const resumed: Cell = {
    name: "resumed",
    run: ({ tookBefore }) => {
      tookBefore(1000);
      return Promise.resolve({ length: 97 });
    },
  };
  const plan = () => ({ ...one.plan("smallest", 1), cells: [resumed] });
  await runExperiment({ ...one, plan }, options());
  const seconds = readRecord(out, one.name)?.seconds;
  expect(seconds).toBeGreaterThan(1000);
  expect(seconds).toBeLessThan(1500);
});

it("refuses to go on with results of other settings, and files that are no results", async () => {
  await runExperiment(threeCells([], false), options());
  await expect(runExperiment(threeCells([], false, 2), options())).rejects.toThrow(
    "other settings",
  );
  const path = join(out, "three.json");
  const record = JSON.parse(readFileSync(path, "utf8")) as object;
  const { writeText } = await import("../../experiments/frame/record.ts");
  writeText(path, JSON.stringify({ ...record, results: { a: "x" } }));
  await expect(runExperiment(threeCells([], false), options())).rejects.toThrow("no record");
});

describe("data", () => {
  const reading = (name: string): Experiment => ({
    ...threeCells([], false),
    data: [{ name: "text", what: "a text", sample: `test/experiments/${name}` }],
    plan: () => ({
      ...threeCells([], false).plan("smallest", 1),
      cells: [
        {
          name: "a",
          run: ({ sources: { text } }) => Promise.resolve({ length: text.isSample ? 97 : 0 }),
        },
      ],
    }),
  });

  it("come from the sample where none are named, and are the same when a run goes on", async () => {
    const verdictOf = async (data = {}): Promise<string> =>
      (await runExperiment(reading("frame.test.ts"), { ...options(), data })).verdict.outcome;
    expect(await verdictOf()).toBe("holds");
    expect(await verdictOf()).toBe("holds");
    const text = fileURLToPath(new URL("copy.test.ts", import.meta.url));
    await expect(verdictOf({ text })).rejects.toThrow("other settings");
    rmSync(join(out, "three.json"));
    expect(await verdictOf({ text })).toBe("does not hold at this size");
  });

  it("that are not here are asked for", async () => {
    await expect(runExperiment(reading("nothing.txt"), options())).rejects.toThrow(
      "Add --data text=PATH.",
    );
  });
});

it("judges by all criteria, the first above all", () => {
  const of = (...values: (number | undefined)[]): string =>
    judge(values.map((value) => criterion("at least 1", value, (x) => x >= 1))).outcome;
  expect([of(1, 2), of(1, 0), of(0, 1), of(1, undefined)]).toEqual([
    "holds",
    "holds in part",
    "does not hold at this size",
    "not measured yet",
  ]);
});

it("tells means, deviations and exponents", () => {
  expect(formatSample(sampleOf([1, 2, 3]), 1)).toBe("2.0 ± 1.0");
  expect(formatSample(sampleOf([5]), 1)).toBe("5.0");
  expect(formatSample(sampleOf([]), 1)).toBe("-");
  expect(exponentBetween([2, 12], [8, 192])).toBeCloseTo(2, 12);
});

it("draws points where their numbers are", () => {
  const svg = chartSvg({
    file: "f",
    title: "a & b",
    x: { title: "x", scale: "log" },
    y: { title: "y" },
    series: [
      {
        name: "s",
        points: [
          [1, 0],
          [4, 10],
        ],
      },
      { name: "empty", points: [] },
    ],
  });
  expect(svg).toContain('<circle cx="70" cy="270"');
  expect(svg).toContain('<circle cx="400" cy="36"');
  expect(svg).toContain("a &amp; b");
  expect(svg).not.toContain("empty");
});

it("is as wide as its longest name", () => {
  const axis = { title: "t" };
  const widthOf = (name: string): number => {
    const series = [{ name, points: [[1, 1] as const] }];
    const svg = chartSvg({ file: "f", title: "t", x: axis, y: axis, series });
    return Number(/ width="(\d+)"/.exec(svg)?.[1]);
  };
  expect(widthOf("short")).toBe(widthOf(""));
  expect(widthOf("a".repeat(60)) - widthOf("a".repeat(40))).toBeGreaterThan(100);
});

it("a scale around values has ticks at round numbers that hold them all", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 1e-3, max: 1e3, noNaN: true }), { minLength: 1 }),
      (values) => {
        const { ticks, place } = scaleOf(values, "around", 0, 1);
        const shown = ticks.map(({ value }) => value);
        expect(Math.min(...shown)).toBeLessThanOrEqual(Math.min(...values) * (1 + 1e-6));
        expect(Math.max(...shown)).toBeGreaterThanOrEqual(Math.max(...values) * (1 - 1e-6));
        expect(ticks.length).toBeLessThan(10);
        for (const value of values) {
          expect(place(value)).toBeGreaterThan(-1e-6);
          expect(place(value)).toBeLessThan(1 + 1e-6);
        }
      },
    ),
  );
});

it("draws what has no points yet as an empty chart", () => {
  for (const scale of ["zero", "around", "log"] as const) {
    const axis = { title: "t", scale };
    const svg = chartSvg({ file: "f", title: "none", x: axis, y: axis, series: [] });
    expect(svg).toContain("none");
    expect(svg).not.toMatch(/NaN|Infinity/);
  }
});
