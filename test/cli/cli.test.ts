import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { runCli } from "../../src/cli/run.ts";
import { bundleProgram, type Finished, type Program } from "../support/cli.ts";
import { toyServices } from "./toy-services.ts";

const text = "the quick brown fox jumps over the lazy dog. ".repeat(40);

let program: Program;
/** A folder with a run of 12 steps at once, and what its last checkpoint holds. */
let wholeRun: string;
let whole: Record<string, string>;
beforeAll(async () => {
  program = await bundleProgram("test/cli/toy-main.ts");
  wholeRun = mkdtempSync(join(tmpdir(), "reformax-whole-"));
  const data = join(wholeRun, "data.txt");
  writeFileSync(data, text);
  const { code } = await call(["train", "--data", data, "--out", join(wholeRun, "run")]);
  expect(code).toBe(0);
  whole = newest(join(wholeRun, "run"));
});
afterAll(() => {
  program.dispose();
  rmSync(wholeRun, { recursive: true, force: true });
});

let folder: string;
let data: string;
let out: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "reformax-cli-"));
  data = put("data.txt", text);
  out = join(folder, "run");
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function put(name: string, contents: string): string {
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

const trainArgs = (...more: string[]): string[] => ["train", "--data", data, "--out", out, ...more];

/** Checksum of every file of the newest checkpoint. */
function newest(run = out): Record<string, string> {
  const name = readdirSync(run)
    .filter((entry) => entry.startsWith("step-"))
    .sort()
    .at(-1);
  if (name === undefined) throw new Error("no checkpoint");
  const sums = readdirSync(join(run, name))
    .sort()
    .map((file) => [
      file,
      createHash("sha256")
        .update(readFileSync(join(run, name, file)))
        .digest("hex"),
    ]);
  return { name, ...Object.fromEntries(sums) };
}

/** Runs the program within this process: much faster, and enough where no signal or exit is at stake. */
async function call(args: readonly string[]): Promise<Finished> {
  const out: string[] = [];
  const err: string[] = [];
  const keep = (into: string[]) => (chunk: string | Uint8Array) => {
    into.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("latin1"));
    return true;
  };
  const line = (into: string[]) => (message: string) => void into.push(`${message}\n`);
  const spies = [
    vi.spyOn(process.stdout, "write").mockImplementation(keep(out)),
    vi.spyOn(process.stderr, "write").mockImplementation(keep(err)),
    vi.spyOn(console, "log").mockImplementation(line(out)),
    vi.spyOn(console, "error").mockImplementation(line(err)),
  ];
  try {
    const code = await runCli(args, toyServices());
    return { code, out: out.join(""), err: err.join("") };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** One message on standard error, no stack trace, and a code that says so. */
function expectMessage({ code, err }: Finished, message: RegExp, expectedCode = 1): void {
  expect(err).toMatch(message);
  expect(err).not.toMatch(/\n\s+at |node:internal/);
  expect(code).toBe(expectedCode);
}

describe("train", () => {
  test("trains, reports in plain lines, logs metrics and saves", async () => {
    const { code, out: text, err } = await call(trainArgs());
    expect(err).toBe("");
    expect(code).toBe(0);
    expect(text).toMatch(/65536 parameters, 1620 bytes to learn, 2 x 32 bytes per step/);
    expect(text).toMatch(/step 12\/12: \d\.\d{3} bits\/byte, \d+ tokens\/s, peak \d+ MiB/);
    expect(text).toMatch(/step 12: validation \d\.\d{4} bits\/byte over 180 bytes/);
    expect(text).toMatch(/saved in .*step-00000012/);
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
    expect(saved.data).toEqual({ train: [0, 500], validation: [600, 700], order: "random" });
  });

  test("Ctrl-C saves, exits with 130, and the run can go on to the same end", async () => {
    const { process: child, finished } = program.start(trainArgs(), { TOY_PAUSE: "100" });
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
    const killed = await program.run(trainArgs(), { TOY_KILL: point });
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
      const { process: child, finished } = program.start(args, { TOY_PAUSE: "15" });
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

describe("bad input to train", () => {
  test.each<[string, () => string[], RegExp]>([
    [
      "missing data",
      () => trainArgs("--data", join(folder, "none")),
      /none: cannot read data: does not exist/,
    ],
    ["empty data", () => trainArgs("--data", put("empty", "")), /empty: holds no bytes/],
    [
      "too short data",
      () => trainArgs("--data", put("short", "abc")),
      /data.train: has too few bytes: expected at least 33/,
    ],
    [
      "split beyond the data",
      () => trainArgs("--split", "0:10,10:99999999"),
      /goes beyond the data/,
    ],
    ["malformed split", () => trainArgs("--split", "0-10"), /--split: cannot be understood/],
    [
      "missing configuration",
      () => trainArgs("--config", join(folder, "no.json")),
      /no.json: cannot read the configuration/,
    ],
    [
      "malformed configuration",
      () => trainArgs("--config", put("c.json", "{")),
      /c.json: is not valid JSON/,
    ],
    ["unknown preset", () => trainArgs("--preset", "tyo"), /no such preset.*Did you mean "toy"/],
    [
      "impossible configuration",
      () => trainArgs("--config", put("c.json", '{"training":{"batch":0},"model":{"layers":[]}}')),
      /2 problems:\n.*model.layers[^]*training.batch/,
    ],
    [
      "unwritable output",
      () => trainArgs("--out", join(put("file", ""), "run")),
      /run: cannot create: a part of the path is a file/,
    ],
    ["nothing to resume", () => trainArgs("--resume"), /run: does not exist/],
  ])("%s", async (_, args, message) => {
    expectMessage(await call(args()), message);
  });

  test("configuration and data problems come together", async () => {
    const config = put("c.json", '{"training":{"batch":0}}');
    const result = await call(trainArgs("--config", config, "--data", join(folder, "none")));
    expectMessage(result, /2 problems:\n {2}- training.batch[^]*none: cannot read data/);
  });

  test.each<[string, string[], RegExp]>([
    [
      "unknown option",
      ["train", "--data", "x", "--out", "y", "--dta", "x"],
      /unknown option '--dta'[^]*Did you mean --data/,
    ],
    ["missing option", ["train"], /required option '--data <path>' not specified/],
    ["unknown command", ["trian"], /unknown command 'trian'[^]*Did you mean train/],
    [
      "not a number",
      ["train", "--data", "x", "--out", "y", "--steps", "many"],
      /--steps <n>.*whole number/,
    ],
    [
      "unknown backend",
      ["train", "--data", "x", "--out", "y", "--backend", "gpu"],
      /Allowed choices are wasm, reference/,
    ],
  ])("%s", async (_, args, message) => {
    expectMessage(await call(args), message, 2);
  });

  test.runIf(process.getuid?.() !== 0)("a folder without permission", async () => {
    mkdirSync(out);
    chmodSync(out, 0o500);
    expectMessage(await call(trainArgs()), /permission denied/);
  });

  test("a run is not overwritten, and not resumed as another one", async () => {
    expect((await call(trainArgs("--steps", "2"))).code).toBe(0);
    expectMessage(await call(trainArgs()), /holds the checkpoints of a run already. Add --resume/);
    const other = await call(trainArgs("--resume", "--seed", "5"));
    expectMessage(
      other,
      /training.seed: differs from the run that is to be resumed: expected 0, got 5/,
    );
    const otherData = put("other.txt", "x".repeat(1800));
    expectMessage(
      await call(trainArgs("--resume", "--data", otherData)),
      /--data: these are not the bytes that the run was trained on/,
    );
  });

  test("in a process of its own: one line; REFORMAX_DEBUG=1 shows where it came from", async () => {
    const args = trainArgs("--data", join(folder, "none"));
    const plain = await program.run(args, { REFORMAX_DEBUG: "" });
    expectMessage(plain, /^reformax: .*none: cannot read data: does not exist\n$/);
    const shown = await program.run(args, { REFORMAX_DEBUG: "1" });
    expect(shown.err).toMatch(/\n\s+at /);
    expect(shown.code).toBe(1);
  });
});

describe("eval and generate", () => {
  beforeEach(() => {
    cpSync(join(wholeRun, "run"), out, { recursive: true });
  });

  test("eval measures the validation bytes of the run, or a range, or other data", async () => {
    const metrics =
      readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n").at(-1) ?? "";
    const { validation } = JSON.parse(metrics) as { validation: { bitsPerByte: number } };
    const own = await call(["eval", "--checkpoint", out, "--data", data]);
    expect(own.err).toBe("");
    expect(own.out).toMatch(
      `${validation.bitsPerByte.toFixed(4)} bits per byte over bytes 1620:1800`,
    );
    expect(own.out).toMatch(/step 12; every byte is predicted once/);
    const part = await call(["eval", "--checkpoint", out, "--data", data, "--range", "5:100"]);
    expect(part.out).toMatch(/over bytes 5:100/);
    const other = put("other.txt", "fox and dog");
    const all = await call([
      "eval",
      "--checkpoint",
      join(out, "step-00000008"),
      "--data",
      other,
      "--rounds",
      "2",
    ]);
    expect(all.out).toMatch(/over bytes 0:11\nstep 8/);
  });

  test("generate continues the prompt, repeats itself for a seed, and obeys the filters", async () => {
    const write = (...more: string[]) =>
      call(["generate", "--checkpoint", out, "--prompt", "the q", "--tokens", "30", ...more]);
    const first = await write("--seed", "3");
    expect(first.err).toBe("");
    expect(first.out.startsWith("the q")).toBe(true);
    expect((await write("--seed", "3")).out).toBe(first.out);
    expect((await write("--seed", "4")).out).not.toBe(first.out);
    const greedy = await write("--temperature", "0");
    expect((await write("--top-k", "1", "--seed", "8")).out).toBe(greedy.out);
    expect((await write("--top-p", "0.000001")).out).toBe(greedy.out);
  });

  test("bad checkpoints and options are one clear message", async () => {
    const missing = await call(["eval", "--checkpoint", join(folder, "no"), "--data", data]);
    expectMessage(missing, /no: does not exist/);
    const range = await call(["eval", "--checkpoint", out, "--data", data, "--range", "5:5000"]);
    expectMessage(range, /--range: goes beyond the data/);
    const one = join(out, "step-00000012");
    truncateSync(join(one, "state.safetensors"), 50);
    expectMessage(
      await call(["generate", "--checkpoint", one]),
      /step-00000012: state.safetensors: is torn/,
    );
    const fallback = await call(["generate", "--checkpoint", out, "--tokens", "1"]);
    expect(fallback.err).toMatch(/is torn.*Using the previous checkpoint/);
    expect(fallback.code).toBe(0);
    for (const bad of [
      ["--temperature", "-1"],
      ["--top-p", "0"],
      ["--top-k", "0"],
      ["--tokens", "x"],
    ]) {
      expectMessage(await call(["generate", "--checkpoint", out, ...bad]), /is invalid/, 2);
    }
  });
});

describe("verify, doctor and help", () => {
  test("verify says one line per case and fails where a case fails", async () => {
    const cases = join(folder, "cases");
    mkdirSync(join(cases, "one"), { recursive: true });
    writeFileSync(join(cases, "one", "io.json"), "{");
    const result = await call(["verify", cases]);
    expect(result.out).toMatch(/^FAIL one io.json: is not valid JSON.*\n$/);
    expect(result.code).toBe(1);
    expectMessage(
      await call(["verify", join(folder, "none")]),
      /none: cannot read: does not exist/,
    );
    expectMessage(await call(["verify", folder + "/data.txt"]), /a part of the path is a file/);
  });

  test("every command explains itself, with examples", async () => {
    const help = await call(["--help"]);
    expect(help.code).toBe(0);
    for (const command of ["train", "eval", "generate", "verify", "doctor"]) {
      expect(help.out).toMatch(new RegExp(`^ {2}${command}`, "m"));
      const own = await call([command, "--help"]);
      expect(own.code).toBe(0);
      expect(own.out).toMatch(/Usage: reformax/);
      if (command !== "doctor") expect(own.out).toMatch(/Examples:\n {2}\$ reformax/);
    }
  });
});
