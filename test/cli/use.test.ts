import { cpSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { tensorFrom } from "../../src/core/tensor.ts";
import { storedOf } from "../../src/training/checkpoint/checkpoint.ts";
import { loadCheckpoint, noFaults, saveCheckpoint } from "../../src/training/node/index.ts";
import { writeFolder } from "../../src/training/node/write-folder.ts";
import { call, data, expectMessage, folder, out, put, trainArgs, wholeRun } from "./harness.ts";
import { toyServices } from "./toy-services.ts";

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
    expect((await write("--min-p", "1")).out).toBe(greedy.out);
    expect((await write("--temperature", "0", "--repetition-penalty", "9")).out).not.toBe(
      greedy.out,
    );
  });

  test("generate ends at a stop, and writes several texts as it writes each", async () => {
    const write = async (...more: string[]): Promise<string> => {
      const done = await call(["generate", "--checkpoint", out, "--tokens", "9", ...more]);
      expect(done.err).toBe("");
      return done.out;
    };
    const first = await write("--prompt", "the q", "--seed", "3");
    const stop = first.slice(8, 10);
    expect(await write("--prompt", "the q", "--seed", "3", "--stop", stop, "--stop", "never")).toBe(
      `${first.slice(0, first.indexOf(stop, 5))}\n`,
    );
    const second = await write("--prompt", "over", "--seed", "4");
    const both = `--- 1 of 2\n${first}--- 2 of 2\n${second}`;
    expect(await write("--prompt", "the q", "--prompt", "over", "--seed", "3")).toBe(both);
    const file = put("prompts.txt", "the q\nover\n");
    expect(await write("--prompts", file, "--seed", "3")).toBe(both);
    const failed = (...more: string[]) => call(["generate", "--checkpoint", out, ...more]);
    expectMessage(await failed("--prompts", put("none.txt", "")), /has no line to continue/);
    expectMessage(await failed("--prompts", join(folder, "no")), /no: cannot be read/);
    expectMessage(await failed("--stop", ""), /must be one character or more/, 2);
  });

  test("generate searches the likeliest text; the toy, which keeps nothing, is read as a whole", async () => {
    const write = async (...more: string[]): Promise<string> => {
      const options = ["--checkpoint", out, "--tokens", "9", "--prompt", "the q", ...more];
      return (await call(["generate", ...options])).out;
    };
    expect(await write("--beams", "1")).toBe(await write("--temperature", "0"));
    const [one, two] = [await write("--beams", "3"), await write("--beams", "3", "--prompt", "x")];
    expect(two).toMatch(`--- 1 of 2\n${one}--- 2 of 2\nx`);
    expectMessage(await call(["generate", "--checkpoint", out, "--beams", "0"]), /invalid/, 2);
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
      ["--min-p", "2"],
      ["--repetition-penalty", "0"],
    ]) {
      expectMessage(await call(["generate", "--checkpoint", out, ...bad]), /is invalid/, 2);
    }
  });
});

describe("generate without a checkpoint", () => {
  test("uses the model that comes with the package, and a prompt that suits it", async () => {
    const path = join(folder, "shipped.safetensors");
    const convert = ["convert", join(wholeRun, "run"), path, "--parameters-only"];
    expect((await call(convert)).code).toBe(0);
    const services = { ...toyServices(), shippedModel: { path, prompt: "the q" } };
    const first = await call(["generate", "--tokens", "20"], services);
    expect(first.err).toBe("");
    expect(first.out).toMatch(/^the q[^]{20}\n$/);
    const other = await call(["generate", "--tokens", "4", "--prompt", "fox"], services);
    expect(other.out).toMatch(/^fox[^]{4}\n$/);
  });

  test("says what to do where that is missing", async () => {
    const result = await call(["generate"]);
    expectMessage(result, /no-such-model.safetensors: .*is missing.*--checkpoint/);
  });
});

describe("checkpoints of another model", () => {
  test("wrong names and shapes are all named, by every command", async () => {
    cpSync(join(wholeRun, "run"), out, { recursive: true });
    const { checkpoint } = loadCheckpoint(out);
    const tensors = new Map(checkpoint.tensors);
    tensors.delete("state.optimizer.momentum");
    tensors.set("state.params.table", tensorFrom("f32", [2], Float32Array.of(1, 2)));
    tensors.set("state.params.other", tensorFrom("f32", [], Float32Array.of(1)));
    saveCheckpoint(out, { ...checkpoint, tensors });
    const message =
      /3 problems:[^]*optimizer.momentum: is missing: expected f32\[256,256\][^]*table: has the wrong type: expected f32\[256,256\], got f32\[2\][^]*other: has no place/;
    expectMessage(await call(["generate", "--checkpoint", out]), message);
    expectMessage(await call(["eval", "--checkpoint", out, "--data", data]), message);
    expectMessage(await call(trainArgs("--resume")), message);
  });

  test("a configuration that this version cannot read", async () => {
    cpSync(join(wholeRun, "run"), out, { recursive: true });
    const { checkpoint } = loadCheckpoint(out);
    // As a version that knows other keys would have written it.
    const stored = { ...storedOf(checkpoint), step: 13, config: { model: { depth: 3 } } };
    writeFolder(join(out, "step-00000013"), stored, { fault: noFaults, floats: "f32" });
    expectMessage(
      await call(["generate", "--checkpoint", out]),
      /checkpoint: model.depth: unknown key/,
    );
  });
});

test("--version is the package's", async () => {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  const { version } = JSON.parse(text) as { version: string };
  expect(await call(["--version"])).toEqual({ code: 0, out: `${version}\n`, err: "" });
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
    expectMessage(await call(["verify", folder + "/data.txt"]), /holds no cases/);
  });

  test("every command explains itself, with examples", async () => {
    const help = await call(["--help"]);
    expect(help.code).toBe(0);
    for (const command of ["train", "eval", "generate", "convert", "verify", "doctor"]) {
      expect(help.out).toMatch(new RegExp(`^ {2}${command}`, "m"));
      const own = await call([command, "--help"]);
      expect(own.code).toBe(0);
      expect(own.out).toMatch(/Usage: reformax/);
      if (command !== "doctor") expect(own.out).toMatch(/Examples:\n {2}\$ reformax/);
    }
  });
});
