import { cpSync, existsSync, readFileSync, readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  call,
  expectMessage,
  newest,
  out,
  program,
  put,
  trainArgs,
  whole,
  wholeRun,
} from "./harness.ts";
import { toyServices } from "./toy-services.ts";

describe("train", () => {
  test("trains, reports in plain lines, logs metrics and saves", async () => {
    const { code, out: text, err } = await call(trainArgs());
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(text).toMatch(/65536 parameters, 1620 bytes to learn, 2 x 32 bytes per step/);
    expect(text).toMatch(/step 12\/12: \d\.\d{3} bits\/byte, \d+ tokens\/s, peak \d+ MiB/);
    expect(text).toMatch(/step 12: validation \d\.\d{4} bits\/byte over 180 bytes/);
    expect(text).toMatch(/\nparameters [0-9a-f]{64}\nsaved in .*step-00000012\n$/);
    expect(readdirSync(out)).toEqual([
      "metrics.jsonl",
      "step-00000004",
      "step-00000008",
      "step-00000012",
    ]);
    const lines = readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([
      ...Array.from({ length: 12 }, (_, i) => i + 1),
      12,
    ]);
  });

  test("says why it computes on fewer threads than there could be", async () => {
    const reason = "this engine has no workers";
    const startBackend = () => Promise.resolve({ count: 1, reason });
    const { out: text } = await call(trainArgs("--steps", "1"), {
      ...toyServices(),
      startBackend,
    });
    expect(text).toContain(`threads: 1 (${reason})\n`);
  });

  test("6 steps, stop, resume to 12: the same bytes as 12 at once", async () => {
    expect((await call(trainArgs("--steps", "6"))).code).toBe(0);
    expect((await call(trainArgs("--resume", "--steps", "12"))).code).toBe(0);
    expect(newest()).toEqual(whole);
    const steps = (path: string) =>
      readFileSync(join(path, "metrics.jsonl"), "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { step: number; bitsPerByte?: number })
        .filter(({ bitsPerByte }) => bitsPerByte !== undefined)
        .map(({ step, bitsPerByte }) => [step, bitsPerByte]);
    expect(steps(out)).toEqual(steps(join(wholeRun, "run")));
  });

  test("preset, file and flags are merged", async () => {
    const config = put(
      "config.json",
      '{"training": {"batch": 3, "seed": 9, "schedule": {"horizon": 2}}}',
    );
    const args = trainArgs(
      "--config",
      config,
      "--seed",
      "4",
      "--split",
      "0:500,600:700",
      "--preset",
      "toy",
    );
    expect((await call(args)).code).toBe(0);
    const file = join(out, "step-00000002", "config.json");
    const saved = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    expect(saved.training).toMatchObject({
      batch: 3,
      seed: 4,
      length: 32,
      schedule: { horizon: 2, rate: 20 },
    });
    expect(saved.data).toEqual({
      tokens: "bytes",
      train: [0, 500],
      validation: [600, 700],
      order: "random",
    });
  });

  test("Ctrl-C saves, exits with 130, and the run can go on to the same end", async () => {
    const { process: child, finished } = program.start(trainArgs(), { STEP_PAUSE: "100" });
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("step 2/")) child.kill("SIGINT");
    });
    const { code, out: text } = await finished;
    expect(code).toBe(130);
    expect(text).toMatch(/interrupted after step \d, saved in .*go on with --resume/);
    expect(newest().name < whole.name).toBe(true);
    expect((await call(trainArgs("--resume"))).code).toBe(0);
    expect(newest()).toEqual(whole);
  });

  const hasCheckpoint = () =>
    existsSync(out) && readdirSync(out).some((n) => n.startsWith("step-"));

  test.each([
    "temporary-written:1",
    "temporary-written:5",
    "synced:2",
    "between-renames:3",
    "renamed:4",
    "pruned:4",
  ])("killed when it passes %s: resuming ends in the same bytes", async (point) => {
    const killed = await program.run(trainArgs(), { KILL_AT: point });
    expect(killed.code).toBeNull();
    // Without any checkpoint yet there is nothing to resume, and a fresh start is not refused.
    const resumed = await call(trainArgs(...(hasCheckpoint() ? ["--resume"] : [])));
    expect(resumed.err).toBe("");
    expect(resumed.code).toBe(0);
    expect(newest()).toEqual(whole);
    expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("killed at random moments, again and again: the end is the same", async () => {
    for (let attempt = 0; attempt < 4; attempt++) {
      const args = trainArgs(...(hasCheckpoint() ? ["--resume"] : []));
      const { process: child, finished } = program.start(args, { STEP_PAUSE: "15" });
      // Counted from the first line of output, so that a slow machine is killed within its run, too.
      child.stdout?.once("data", () =>
        setTimeout(() => child.kill("SIGKILL"), Math.random() * 200),
      );
      await finished;
    }
    expect((await call(trainArgs(...(hasCheckpoint() ? ["--resume"] : [])))).code).toBe(0);
    expect(newest()).toEqual(whole);
  });

  test("a damaged checkpoint is named, and the one before it used", async () => {
    cpSync(join(wholeRun, "run"), out, { recursive: true });
    truncateSync(join(out, "step-00000012", "state.safetensors"), 100);
    const { code, out: text } = await call(trainArgs("--resume"));
    expect(text).toMatch(
      /step-00000012: state.safetensors: is torn.*Using the previous checkpoint/,
    );
    expect(text).toMatch(/from step 8 to 12/);
    expect(code).toBe(0);
    expect(newest()).toEqual(whole);
  });

  test("a loss that is not finite: stops, keeps the last good checkpoint, says where", async () => {
    const config = put("config.json", '{"training": {"schedule": {"rate": 1e41}}}');
    const result = await call(trainArgs("--config", config));
    expectMessage(
      result,
      /step 2: the loss is not finite: .*layer 0 \(bigram\)[^]*last good checkpoint is .*step-00000000/,
    );
    expect(readdirSync(out)).toEqual(["metrics.jsonl", "step-00000000"]);
  });
});
