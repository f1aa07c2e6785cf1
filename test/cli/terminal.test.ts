import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadCheckpoint, saveCheckpoint } from "../../src/training/node/index.ts";
import { bundleScript } from "../support/bundle.ts";
import { describeWith, pseudoTerminal } from "../support/programs.ts";
import { runInTerminal, widestColumn } from "../support/terminal.ts";
import { call, out, put, trainArgs } from "./harness.ts";

let bundle: string;
beforeAll(async () => {
  bundle = mkdtempSync(join(tmpdir(), "reformax-terminal-"));
  await bundleScript("test/cli/toy-main.ts", join(bundle, "program.mjs"));
});
afterAll(() => {
  rmSync(bundle, { recursive: true });
});

test("the widest column of an output is found through what moves the cursor", () => {
  expect(widestColumn("ab\r\ncde\u001b[1Gf")).toBe(3);
  expect(widestColumn("\u001b[?25labc\u001b[2Cd")).toBe(6);
});

describeWith(pseudoTerminal, "in a terminal", () => {
  const last = 500_000;

  /** Arguments that go on with the last steps of a long run. */
  async function longRun(): Promise<string[]> {
    const training = { schedule: { horizon: last }, validateEvery: 3, checkpointEvery: 0 };
    const args = trainArgs("--config", put("long.json", JSON.stringify({ training })));
    expect((await call([...args, "--steps", "0"])).code).toBe(0);
    const { checkpoint } = loadCheckpoint(out);
    rmSync(out, { recursive: true });
    saveCheckpoint(out, { ...checkpoint, step: last - 10 });
    return [...args, "--resume"];
  }

  test.each([80, 100])("no line of train is longer than %i columns", async (columns) => {
    const args = await longRun();
    const { code, raw } = await runInTerminal(columns, join(bundle, "program.mjs"), args);
    expect(code, raw).toBe(0);
    expect(raw).toContain(`${last}/${last}`);
    expect(raw).toMatch(/█.* bits\/byte .* tokens\/s .*(left|in)/);
    expect(raw).toMatch(/step 499992: validation/);
    expect(widestColumn(raw)).toBeLessThanOrEqual(columns);
    expect(widestColumn(raw)).toBeGreaterThan(columns - 10);
  });

  test("long lines of eval are broken between words", async () => {
    const args = await longRun();
    const data = args[args.indexOf("--data") + 1];
    const measure = ["eval", "--checkpoint", out, "--data", data, "--range", "0:500"];
    const { raw } = await runInTerminal(80, join(bundle, "program.mjs"), measure);
    expect(raw).toMatch(/every byte is predicted once/);
    expect(widestColumn(raw)).toBeLessThanOrEqual(80);
  });
});
