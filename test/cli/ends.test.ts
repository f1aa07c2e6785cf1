import { spawn } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { lockName, lockRun } from "../../src/cli/run-lock.ts";
import { ShapeError } from "../../src/core/errors.ts";
import { startOfProcess } from "../../src/cli/process-identity.ts";
import { call, expectMessage, folder, newest, out, program, trainArgs, whole } from "./harness.ts";
import { toyServices } from "./toy-services.ts";

const savedSteps = (): readonly string[] =>
  readdirSync(out).filter((name) => name.startsWith("step-"));

/** However it was stopped, the run goes on to the same end. */
async function expectResumable(): Promise<void> {
  expect(newest().name > "step-00000000").toBe(true);
  expect((await call(trainArgs("--resume"))).code).toBe(0);
  expect(newest()).toEqual(whole);
  expect(readdirSync(out)).not.toContain(lockName);
}

describe("a run that is asked to stop saves, says so, and can go on", () => {
  test.each<[NodeJS.Signals, number, RegExp, RegExp]>([
    ["SIGTERM", 143, /^$/, /step 2\//],
    [
      "SIGHUP",
      129,
      /hung up \(SIGHUP\): interrupted after step \d+, saved in .*go on with --resume/,
      // From the shell and from the system.
      /step [23]\//,
    ],
  ])("%s", async (signal, code, message, when) => {
    const { process: child, finished } = program.start(trainArgs(), { STEP_PAUSE: "100" });
    child.stdout?.on("data", (chunk: Buffer) => {
      if (when.test(chunk.toString())) child.kill(signal);
    });
    const result = await finished;
    expect(result.err).toMatch(message);
    expect(result.out).toMatch(/interrupted after step \d+, saved in/);
    expect(result.code).toBe(code);
    await expectResumable();
  });

  test("standard output whose reader went away, standard error going the same way or not", async () => {
    const { process: child, finished } = program.start(trainArgs(), { STEP_PAUSE: "50" });
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { code, err } = await finished;
    expect(err).toMatch(
      /^reformax: standard output was closed: stopping after this step\nreformax: standard output was closed: interrupted after step \d+, saved in .*--resume\n$/,
    );
    expect(code).toBe(141);
    await expectResumable();
  });

  test("both outputs closed", async () => {
    const { process: child, finished } = program.start(trainArgs(), { STEP_PAUSE: "50" });
    child.stdout?.once("data", () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
    expect((await finished).code).toBe(141);
    await expectResumable();
  });
});

/** Runs a program whose standard output is on a full disk. */
async function onFullDisk(args: readonly string[]): Promise<{ code: number | null; err: string }> {
  const full = openSync("/dev/full", "w");
  try {
    const child = spawn(process.execPath, [program.path, ...args], {
      stdio: ["ignore", full, "pipe"],
      env: { ...process.env, STEP_PAUSE: "20" },
    });
    let err = "";
    child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, err };
  } finally {
    closeSync(full);
  }
}

describe("standard output on a full disk", () => {
  const noSpace = /reformax: cannot write to standard output: no space left on the device/;

  test("train saves and fails", async () => {
    const { code, err } = await onFullDisk(trainArgs());
    expect(err).toMatch(noSpace);
    expect(err).toMatch(/interrupted after step \d+, saved in/);
    expect(code).toBe(1);
    await expectResumable();
  });

  test.each(["eval", "generate", "convert", "--version", "--help", "doctor"])(
    "%s fails with a message",
    async (command) => {
      await call(trainArgs("--steps", "1"));
      const args: Record<string, string[]> = {
        eval: ["eval", "--checkpoint", out, "--data", join(folder, "data.txt")],
        generate: ["generate", "--checkpoint", out, "--tokens", "3"],
        convert: ["convert", out, join(folder, "new.safetensors")],
      };
      const { code, err } = await onFullDisk(args[command] ?? [command]);
      expect(err).toMatch(noSpace);
      expect(code).toBe(1);
    },
  );
});

describe("the lock of a run's folder", () => {
  const lock = (): string => join(out, lockName);
  const put = (owner: object): void => {
    mkdirSync(out, { recursive: true });
    writeFileSync(lock(), JSON.stringify(owner));
  };
  const here = { host: hostname(), pid: process.pid, token: "other" };

  test("a second trainer is refused, and harms nothing", async () => {
    const { process: child, finished } = program.start(trainArgs(), { STEP_PAUSE: "60" });
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    for (const more of [[], ["--resume"]]) {
      expectMessage(
        await call(trainArgs(...more)),
        new RegExp(`run: process ${child.pid} on .* is training there. Wait for it or end it`),
      );
    }
    expect((await finished).code).toBe(0);
    expect(newest()).toEqual(whole);
    expect(existsSync(lock())).toBe(false);
  });

  test("a killed trainer's lock is taken over", async () => {
    const { process: child, finished } = program.start(trainArgs(), { STEP_PAUSE: "60" });
    child.stdout?.on("data", (chunk: Buffer) => {
      if (chunk.toString().includes("step 5/")) child.kill("SIGKILL");
    });
    await finished;
    expect(readFileSync(lock(), "utf8")).toContain(`"pid":${child.pid}`);
    await expectResumable();
  });

  test("what a process left that was killed while it asked for the lock is cleaned up", () => {
    put({ ...here, pid: 2 ** 22 + 1, started: null });
    writeFileSync(join(out, ".tmp-lock-half"), '{"host');
    lockRun(out)();
    expect(readdirSync(out)).toEqual([]);
  });

  test("a process that has the number of one that ended is not taken for it", () => {
    expect(startOfProcess(process.pid)).toBeDefined();
    put({ ...here, started: "another time" });
    lockRun(out)();
    put({ ...here, started: startOfProcess(process.pid) });
    expect(() => lockRun(out)).toThrow(/is training there/);
    // Where the system does not tell times, a living process counts.
    put({ ...here, started: null });
    expect(() => lockRun(out)).toThrow(/is training there/);
  });

  test("other machines cannot be asked, and other files are not understood: the message names the file", () => {
    put({ ...here, host: "elsewhere", pid: 1, started: null });
    expect(() => lockRun(out)).toThrow(
      /run: process 1 on elsewhere is training there.*if that process has ended, remove .*train.lock/,
    );
    put({ pid: "x" });
    expect(() => lockRun(out)).toThrow(/train.lock: is no lock that can be understood.*remove it/);
  });

  test("what failed before anything was saved leaves no folder", async () => {
    expect((await call(trainArgs("--data", join(folder, "none")))).code).toBe(1);
    expect(existsSync(out)).toBe(false);
    expectMessage(await call(trainArgs("--resume")), /run: does not exist/);
    expect(existsSync(out)).toBe(false);
  });

  test("of many that find a stale lock at once, one goes on", async () => {
    put({ ...here, pid: 2 ** 22 + 1, started: "long ago" });
    const runs = Array.from({ length: 5 }, () => program.run(trainArgs(), { STEP_PAUSE: "100" }));
    const codes = (await Promise.all(runs)).map(({ code }) => code);
    expect(codes.filter((code) => code === 0)).toHaveLength(1);
    expect(newest()).toEqual(whole);
    expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
    expect(savedSteps().length).toBeGreaterThan(0);
  });
});

describe("folders that are no place for a run", () => {
  test("one of its checkpoints", async () => {
    await call(trainArgs("--steps", "1"));
    const checkpoint = join(out, "step-00000001");
    for (const more of [[], ["--resume"]]) {
      const result = await call([...trainArgs(...more), "--out", checkpoint]);
      expectMessage(result, /step-00000001: is the place of one checkpoint.*Name the run's folder/);
    }
    expect(readdirSync(checkpoint)).not.toContain("step-00000001");
  });

  test("one with the metrics of another run", async () => {
    mkdirSync(out);
    writeFileSync(join(out, "metrics.jsonl"), '{"step":1}\n');
    expectMessage(await call(trainArgs()), /holds the metrics.jsonl of a run already/);
    expect(readFileSync(join(out, "metrics.jsonl"), "utf8")).toBe('{"step":1}\n');
  });
});

test("a link that has the name of the next checkpoint steps aside", async () => {
  await call(trainArgs("--steps", "6"));
  symlinkSync(join(folder, "nowhere"), join(out, "step-00000012"));
  const { code } = await call(trainArgs("--resume"));
  expect(code).toBe(0);
  expect(newest()).toEqual(whole);
  expect(existsSync(join(folder, "nowhere"))).toBe(false);
});

test("what cannot be compiled is refused before anything is saved", async () => {
  const services = toyServices();
  const createModel: typeof services.createModel = (config) => ({
    ...services.createModel(config),
    planStep: () => {
      throw new ShapeError("too many buckets", { where: "lshHash" });
    },
  });
  expectMessage(await call(trainArgs(), { ...services, createModel }), /lshHash: too many buckets/);
  expect(existsSync(out)).toBe(false);
});
