import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { loadCheckpoint } from "../../src/training/node/index.ts";
import { bytesOf, load, sample } from "../interop/tokenizers/golden.ts";
import { call, expectMessage, folder, newest, out, put } from "./harness.ts";
import { smallReformer } from "./small-reformer.ts";

const run = (...args: string[]) => call(args, reformerServices);

const text = sample.slice(0, 6000);
/** Two bytes of one character lie on the border that the default split would take. */
const data = () => put("book.txt", text);
const tokenizer = () => put("book.model", bytesOf("cp.320.model.gz"));

const steps = (horizon: number) => ({
  ...smallReformer,
  training: {
    ...smallReformer.training,
    validateEvery: 2,
    validateBytes: 300,
    schedule: { kind: "constant", rate: 1e-2, warmup: 0, horizon },
  },
});
const config = (horizon = 4) => put("config.json", JSON.stringify(steps(horizon)));
const train = (...more: string[]) =>
  run("train", "--config", config(), "--data", data(), "--out", out, ...more);

const trainWith = (...more: string[]) =>
  run("train", "--data", data(), "--out", out, "--tokenizer", tokenizer(), ...more);

describe("a model of a tokenizer's ids", () => {
  test("is trained, resumed, measured per byte, converted, and writes, with the run's own tokenizer", async () => {
    const trained = await train("--tokenizer", tokenizer());
    expect(trained.err).toBe("");
    expect(trained.out).toMatch(/\d+ tokens to learn, 2 x 48 tokens per step/);
    expect(trained.out).toMatch(
      /validation \d+\.\d+ bits\/byte, \d+\.\d+ bits\/token over \d+ tokens/,
    );
    const { model, data: about } = loadCheckpoint(out).checkpoint.config;
    expect([model.vocabulary, about.tokens]).toEqual([320, "text"]);
    expect(about.tokenizer).toMatch(/^[0-9a-f]{64}$/);

    const resumed = await run("train", "--resume", "--data", data(), "--out", out, "--steps", "5");
    expect(resumed.err).toBe("");

    const measured = await run("eval", "--checkpoint", out, "--data", data());
    const [, perByte, perToken, from, to, count] =
      /^(\S+) bits per byte \((\S+) bits per token\) over bytes (\d+):(\d+), (\d+) tokens/
        .exec(measured.out)
        ?.map(Number) ?? [];
    const bytes = new TextEncoder().encode(text);
    const ids = (await load("cp.320.model.gz")).encode(
      new TextDecoder().decode(bytes.subarray(from, to)),
    );
    expect([to, count]).toEqual([bytes.length, ids.length]);
    expect(perByte).toBeCloseTo((perToken * count) / (to - from), 3);

    const file = join(folder, "book.safetensors");
    expect((await run("convert", out, file, "--parameters-only")).err).toBe("");
    const written = await run(
      "generate",
      "--checkpoint",
      file,
      "--prompt",
      "The ",
      "--tokens",
      "9",
    );
    expect(written.err).toBe("");
    const again = await run("generate", "--checkpoint", out, "--prompt", "The ", "--tokens", "9");
    expect(again.out).toBe(written.out);
    expect(written.out).toMatch(/^The .+\n$/);
  });

  test("resumes to the same bits, and begins another run", async () => {
    await train("--tokenizer", tokenizer());
    const halves = `${out}-halves`;
    const args = ["train", "--config", config(), "--data", data(), "--out", halves];
    await run(...args, "--tokenizer", tokenizer(), "--steps", "2");
    expect((await run(...args, "--resume")).err).toBe("");
    expect(newest(halves)).toEqual(newest());
    const more = `${out}-more`;
    const begun = await run(
      "train",
      "--from",
      out,
      "--data",
      data(),
      "--out",
      more,
      "--steps",
      "1",
    );
    expect(begun.err).toBe("");
    expect(existsSync(join(more, "tokenizer.model"))).toBe(true);
  });

  test("has a larger vocabulary where the configuration says so", async () => {
    const wide = { ...steps(1), model: { ...smallReformer.model, vocabulary: 400 } };
    const file = put("wide.json", JSON.stringify(wide));
    const args = ["train", "--config", file, "--data", data(), "--out", out];
    expect((await run(...args, "--tokenizer", tokenizer())).err).toBe("");
    expect(loadCheckpoint(out).checkpoint.config.model.vocabulary).toBe(400);
  });

  test("may be of bytes and two, which need be no text", async () => {
    const bytes = put(
      "any.bin",
      Uint8Array.from({ length: 2000 }, (_, i) => (i * i) % 251),
    );
    const args = ["train", "--config", config(1), "--data", bytes, "--out", out];
    expect((await run(...args, "--tokenizer", "bytes+2")).err).toBe("");
    const { config: used } = loadCheckpoint(out).checkpoint;
    expect([used.model.vocabulary, used.data.tokenizer]).toEqual([258, "bytes+2"]);
    const measured = await run("eval", "--checkpoint", out, "--data", bytes);
    const [, perByte, perToken] = /^(\S+) bits per byte \((\S+) bits/.exec(measured.out) ?? [];
    expect(perByte).toBe(perToken);
  });
});

describe("what does not fit is told", () => {
  test("another tokenizer, none, or data that are no text", async () => {
    await train("--tokenizer", tokenizer(), "--steps", "1");
    const kept = join(out, "tokenizer.model");
    const aside = join(folder, "aside.model");
    const evaluate = (...more: string[]) =>
      run("eval", "--checkpoint", out, "--data", data(), ...more);
    renameSync(kept, aside);
    expectMessage(await evaluate(), /the tokenizer of the model is not there.*--tokenizer/s);
    expect((await evaluate("--tokenizer", aside)).err).toBe("");
    const other = put("run/tokenizer.json", bytesOf("word-piece.json"));
    expectMessage(await evaluate(), /is not the tokenizer that the model was trained with/);
    rmSync(other);
    renameSync(aside, kept);
    const resume = ["train", "--resume", "--data", data(), "--out", out, "--tokenizer"];
    expectMessage(await run(...resume, "bytes+2"), /data.tokenizer: differs from the run/);
    const bad = put("bad.txt", Uint8Array.of(0xff, ...readFileSync(data())));
    expectMessage(await run("eval", "--checkpoint", out, "--data", bad), /is not valid UTF-8/);
    expectMessage(
      await run("generate", "--checkpoint", out, "--prompt", " "),
      /--prompt: the tokenizer makes no ids of this text/,
    );
  });

  test("a file that is none, a model that is too small, and a task that has its own tokens", async () => {
    expectMessage(await train("--tokenizer", data()), /book.txt: tokenizer: is none that is known/);
    expectMessage(
      await train("--tokenizer", join(folder, "none.json")),
      /none.json: cannot read the tokenizer/,
    );
    const small = { ...steps(1), model: { ...smallReformer.model, vocabulary: 300 } };
    const file = put("small.json", JSON.stringify(small));
    expectMessage(
      await trainWith("--config", file),
      /model.vocabulary: has fewer ids than the tokenizer: expected at least 320, got 300/,
    );
    expectMessage(
      await trainWith("--task", "masked"),
      /data.tokens: is not possible for this task/,
    );
  });
});
