/** The suites for a machine with a GPU, bundled, on the driver that tests have: they must not rot until there is such a machine. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bundleSuites, suites } from "../../tools/device-bundle.mjs";
import { describeWithDevice } from "../support/webgpu-device.ts";
import { driverVariables } from "../support/webgpu-driver.ts";

/** Where the package `webgpu` is found. */
const folder = mkdtempSync(resolve("build/device-test-"));

interface Results {
  readonly ended: boolean;
  readonly scale: string;
  readonly failures: readonly string[];
  readonly [key: string]: unknown;
}

/** The last line of a suite's output, and its results. */
function run(name: string): { readonly last: string; readonly results: Results } {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, `${name}.mjs`)], {
    encoding: "utf8",
    env: {
      ...process.env,
      ...driverVariables(process.env, existsSync),
      LOGS: folder,
      SCALE: "small",
      SUITE_SECONDS: "60",
    },
  });
  expect(status, `${stdout}${stderr}`).toBe(0);
  const results = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Results;
  expect(results).toMatchObject({ suite: name, ended: true, scale: "small", failures: [] });
  return { last: stdout.trim().split("\n").at(-1) ?? "", results };
}

await describeWithDevice("suites for a machine with a GPU", () => {
  beforeAll(() => bundleSuites(folder));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("adapter says what the device is like", () => {
    const { last, results } = run("adapter");
    expect(last).toMatch(/^adapter: ok, .+ MiB$/);
    expect(results.bindings).toMatchObject({ "written and written, apart": "allowed" });
    expect(results.arithmetic).toMatchObject({
      sum: { different: 0, worst: 0 },
      "x - ((x + 1) - 1)": { guarded: { different: 0, worst: 0 } },
    });
    expect(results.largeBuffers).toMatchObject({ lastWordWritten: true, error: null });
  });

  it("laws compares primitives with the plain interpreter", { timeout: 150_000 }, () => {
    const { last, results } = run("laws");
    expect(last).toMatch(/^laws: ok, \d+ of \d+ cases of \d+ primitives/);
    expect(results.primitives).toMatchObject({ add: { bound: "bits", failed: 0, worstUlps: 0 } });
  });

  it("exact computes the same bits again", { timeout: 150_000 }, () => {
    const { last, results } = run("exact");
    expect(last).toMatch(/^exact: ok, \d of \d checks$/);
    expect(results.checks).toMatchObject({
      "contributions: fused, unfused, again": { problems: [] },
    });
  });

  it("all of them fit where they are carried", () => {
    const bytes = suites.map((name) => readFileSync(join(folder, `${name}.mjs`)).length);
    expect(bytes.reduce((a, b) => a + b)).toBeLessThan(12 * 2 ** 20);
  });
});
