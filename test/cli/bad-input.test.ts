import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, expectMessage, folder, out, program, put, trainArgs } from "./harness.ts";

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
      /data.train: has too few tokens: expected at least 33/,
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
    ["missing option", ["train"], /required option '--out <folder>' not specified/],
    ["unknown command", ["trian"], /unknown command 'trian'[^]*Did you mean train/],
    [
      "not a number",
      ["train", "--data", "x", "--out", "y", "--steps", "many"],
      /--steps <n>.*whole number/,
    ],
    [
      "unknown backend",
      ["train", "--data", "x", "--out", "y", "--backend", "gpu"],
      /Allowed choices are wasm, webgpu, auto, reference/,
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
      /--data: these are not the data that the run was trained on/,
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

describe("data that never end, or are not what they should be", () => {
  test.each<[string, () => string[], RegExp]>([
    ["a device", () => trainArgs("--data", "/dev/zero"), /zero: cannot read data: is a device/],
    [
      "a device as configuration",
      () => trainArgs("--config", "/dev/zero"),
      /zero: cannot read the configuration: is a device, not a file/,
    ],
    [
      "bytes that are no text as configuration",
      () => trainArgs("--config", put("c.json", Uint8Array.of(0x22, 0xff, 0x22))),
      /c.json: is not valid UTF-8/,
    ],
    [
      "more data than asked for",
      () => trainArgs("--max-data", "1000"),
      /data.txt: is too large: expected at most 1000 bytes, got 1800. .*raise the limit/,
    ],
    [
      "a place where no folder can be",
      () => trainArgs("--out", "/proc/x"),
      /\/proc\/x: cannot create: this file system makes no folders/,
    ],
    [
      "a number beyond all numbers",
      () =>
        trainArgs(
          "--config",
          put("c.json", '{"training":{"optimizer":{"kind":"adam","epsilon":1e999}}}'),
        ),
      /c.json: training.optimizer.epsilon: is not a finite number: got Infinity/,
    ],
  ])("%s", async (_, args, message) => {
    expectMessage(await call(args()), message);
  });

  test("data from standard input", async () => {
    const { process: child, finished } = program.start(trainArgs("--data", "-"));
    child.stdin?.end("to be or not to be, that is the question. ".repeat(20));
    const { code, out: text, err } = await finished;
    expect([code, err]).toEqual([0, ""]);
    expect(text).toMatch(/read 840 bytes of 1 file\n/);
  });
});
