import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunProfile, StepTime } from "../../src/backends/wasm/index.ts";
import { chromeTrace, type Trace } from "../../src/cli/profile/trace.ts";
import { formatProfile, profileRows } from "../../src/cli/profile/rows.ts";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { call } from "./harness.ts";
import { smallReformer } from "./small-reformer.ts";

const folder = mkdtempSync(join(tmpdir(), "reformax-profile-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const info = (within: string, name: string, operation: string): StepTime["step"] => ({
  operation,
  within,
  name,
  flops: 10,
  bytes: 100,
  results: "",
});

const stepTime: fc.Arbitrary<StepTime> = fc
  .record({
    within: fc.constantFrom("", "f", "f/scan"),
    name: fc.constantFrom("add", "dotGeneral"),
    operation: fc.constantFrom("matmul", "elementwise"),
    calls: fc.integer({ min: 1, max: 1000 }),
    milliseconds: fc.integer({ min: 0, max: 1000 }),
  })
  .map(({ within, name, operation, calls, milliseconds }) => ({
    step: info(within, name, operation),
    start: 0,
    calls,
    milliseconds,
  }));

describe("the rows of a profile", () => {
  test.each(["name", "kernel"] as const)("by %s add up to the runs, largest first", (grouping) => {
    fc.assert(
      fc.property(fc.array(fc.array(stepTime)), (runs) => {
        const rows = profileRows(
          runs.map((steps) => ({ steps })),
          grouping,
        );
        const times = runs.flat();
        const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
        const ofTimes = total(times.map(({ milliseconds }) => milliseconds));
        expect(total(rows.map(({ milliseconds }) => milliseconds))).toBe(ofTimes);
        const calls = total(times.map((time) => time.calls));
        expect(total(rows.map((row) => row.calls))).toBe(calls);
        expect(total(rows.map(({ flops }) => flops))).toBe(10 * calls);
        expect(new Set(rows.map(({ name, kernel }) => `${name} ${kernel}`)).size).toBe(rows.length);
        rows.forEach(({ milliseconds }, i) => {
          expect(milliseconds).toBeLessThanOrEqual(rows[Math.max(0, i - 1)].milliseconds);
        });
      }),
    );
  });

  test("carry the user's names, and become a table", () => {
    const steps = [
      {
        step: info("head/smooth", "mix/dotGeneral", "matmul"),
        start: 0,
        calls: 4,
        milliseconds: 2,
      },
      { step: info("", "add", "elementwise"), start: 8, calls: 2, milliseconds: 1 },
    ];
    const rows = profileRows([{ steps }, { steps }], "name");
    const table = formatProfile(rows, { runs: 2, milliseconds: 8, most: 1 });
    expect(table).toMatchInlineSnapshot(`
      "  ms  share %  calls  GFLOP/s  MiB  GB/s  kernel    name
      2.00     50.0      4     0.00  0.0  0.00  matmul    head/smooth/mix/dotGeneral
      1.00     25.0      2     0.00  0.0  0.00  1 others"
    `);
  });
});

test("a trace holds runs and their steps in microseconds from the first", () => {
  const run = (begin: number): RunProfile => ({
    where: "trainStep",
    threads: 1,
    shares: [],
    begin,
    end: begin + 3,
    copyMilliseconds: 0,
    steps: [],
    events: [{ step: info("f", "add", "elementwise"), begin: begin + 1, end: begin + 2 }],
    missedEvents: 5,
  });
  const { traceEvents } = chromeTrace([run(100), run(110)]);
  const shown = traceEvents.filter(({ ph }) => ph === "X");
  expect(shown.map(({ name, ts, dur }) => [name, ts, dur])).toEqual([
    ["trainStep", 0, 3000],
    ["add", 1000, 1000],
    ["trainStep", 10000, 3000],
    ["add", 11000, 1000],
  ]);
});

describe("reformax profile", () => {
  const config = join(folder, "small.json");
  const trace = join(folder, "trace.json");

  beforeAll(() => {
    writeFileSync(config, JSON.stringify(smallReformer));
  });

  test("prints tables by kernel and by name, and writes a trace", async () => {
    const args = ["profile", "--config", config, "--steps", "2", "--top", "500", "--trace", trace];
    const { code, out, err } = await call(args, reformerServices);
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(out).toMatch(/ms a step, of which [\d.]+ ms between kernels/);
    expect(out).toMatch(/By kernel\n +ms +share % +calls +GFLOP\/s/);
    expect(out).toMatch(/ matmul +run\/feedForward\/\S*dotGeneral/);
    const { traceEvents } = JSON.parse(readFileSync(trace, "utf8")) as Trace;
    const steps = traceEvents.filter(({ name }) => name === "trainStep");
    expect(steps).toHaveLength(2);
    const inside = traceEvents.filter(
      ({ cat, ts = 0 }) => cat === "matmul" && ts >= (steps[1].ts ?? 0),
    );
    expect(inside.length).toBeGreaterThan(10);
  });

  test("says what is wrong with a trace's path", async () => {
    const missing = join(folder, "nowhere", "trace.json");
    const args = ["profile", "--config", config, "--steps", "1", "--trace", missing];
    const { code, err } = await call(args, reformerServices);
    expect(code).toBe(1);
    expect(err).toContain("write the trace");
  });
});
