import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import type { StepRecord } from "../../src/training/index.ts";
import { call, expectMessage, newest, out, put } from "./harness.ts";
import { smallReformer } from "./small-reformer.ts";

const run = (args: readonly string[]) => call(args, reformerServices);

/** Ids of a vocabulary of 300, each two bytes. */
const ids = Uint16Array.from({ length: 60 }, (_, i) => (i % 7 === 0 ? 299 : (i * i) % 11));
const data = () => put("ids.u16le", new Uint8Array(ids.buffer));

const wholeText = {
  model: { ...smallReformer.model, vocabulary: 300, dropout: 0, attentionDropout: 0 },
  training: {
    ...smallReformer.training,
    batch: 1,
    length: 64,
    clip: null,
    update: "inSweep",
    schedule: { kind: "constant", rate: 1e-2, warmup: 0, horizon: 6 },
  },
  data: { tokens: "u16le", order: "whole" },
};
const configOf = (config: object) => put("whole.json", JSON.stringify(config));

const recordsOf = (folder: string): readonly StepRecord[] =>
  readFileSync(join(folder, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as StepRecord);

describe("a whole text as one example", () => {
  test("is learned layer by layer in the sweep, resumes, and is measured in bits per token", async () => {
    const args = ["train", "--config", configOf(wholeText), "--data", data(), "--out", out];
    const first = await run(args);
    expect(first.err).toBe("");
    expect(first.out).toMatch(/60 tokens to learn, 1 x 64 tokens per step/);
    const records = recordsOf(out);
    expect(records.map(({ rebuilt }) => rebuilt)).toEqual(new Array(6).fill(true));
    const losses = records.map(({ bitsPerToken = NaN }) => bitsPerToken);
    expect(losses[5]).toBeLessThan(losses[0] - 1);

    const halves = `${out}-halves`;
    const again = [...args.slice(0, -1), halves];
    expect((await run([...again, "--steps", "2"])).code).toBe(0);
    expect((await run([...again, "--resume"])).code).toBe(0);
    expect(newest(halves)).toEqual(newest());

    const measured = await run(["eval", "--checkpoint", out, "--data", data()]);
    expect(measured.out).toMatch(/^\d+\.\d{4} bits per token over tokens 0:60/);
    expectMessage(
      await run(["generate", "--checkpoint", out, "--prompt", "x"]),
      /--checkpoint: this model writes ids of a vocabulary/,
    );
  });

  test("is learned in relaxed arithmetic when asked, which the checkpoint keeps", async () => {
    const args = ["train", "--config", configOf(wholeText), "--data", data(), "--out", out];
    const strict = await run([...args.slice(0, -1), `${out}-strict`]);
    expect(strict.err).toBe("");
    const relaxed = await run([...args, "--arithmetic", "relaxed", "--steps", "4"]);
    expect(relaxed.err).toBe("");
    expect(recordsOf(out).map(({ rebuilt }) => rebuilt)).toEqual(new Array(4).fill(true));
    // Whether they differ at all is up to the engine.
    const bits = (folder: string) =>
      recordsOf(folder).map(({ bitsPerToken = NaN }) => bitsPerToken);
    bits(out).forEach((loss, step) => {
      expect(Math.abs(loss - bits(`${out}-strict`)[step])).toBeLessThan(0.05);
    });
    expectMessage(
      await run([...args, "--resume", "--arithmetic", "strict"]),
      /training.arithmetic: differs from the run.*"relaxed".*"strict"/s,
    );
    expect((await run([...args, "--resume"])).code).toBe(0);
    expectMessage(
      await run(["eval", "--checkpoint", out, "--data", data(), "--backend", "reference"]),
      /--backend: has strict arithmetic only.*expected wasm.*got reference.*--arithmetic strict/s,
    );
    expect((await run(["eval", "--checkpoint", out, "--data", data()])).err).toBe("");
  });

  test("gets chunks from the memory budget, which the checkpoint keeps", async () => {
    const { feedForwardChunk: _, lossChunk: __, ...sizes } = wholeText.model;
    // Wide, so that chunks of rows are what needs most.
    const model = { ...sizes, feedForwardWidth: 2048 };
    const args = ["train", "--config", configOf({ ...wholeText, model }), "--data", data()];
    const chunksOf = (run: string): unknown => {
      const { name } = newest(run);
      const saved = JSON.parse(readFileSync(join(run, name, "config.json"), "utf8")) as {
        model: { feedForwardChunk: unknown; lossChunk: unknown };
      };
      return [saved.model.feedForwardChunk, saved.model.lossChunk];
    };
    expect((await run([...args, "--out", out, "--steps", "1"])).err).toBe("");
    expect(chunksOf(out)).toEqual([512, 512]);
    const tight = [...args, "--out", `${out}-tight`, "--memory-budget"];
    expectMessage(
      await run([...tight, "1KiB"]),
      /training.memoryBudget: is too small.*at least \d+ bytes.*got 1024/,
    );
    expect((await run([...tight, "8MiB", "--steps", "1"])).err).toBe("");
    expect(chunksOf(`${out}-tight`)).toEqual([128, 128]);
    const bad = await run([...tight, "much"]);
    expect(bad.err).toMatch(/--memory-budget.*number of bytes/);
    expect(bad.code).not.toBe(0);
  });

  test("must fit the window, the vocabulary and the update", async () => {
    const attempt = (change: object) =>
      run([
        "train",
        "--config",
        configOf({ ...wholeText, ...change }),
        "--data",
        data(),
        "--out",
        out,
      ]);
    const training = { ...wholeText.training, length: 48 };
    expectMessage(
      await attempt({ training }),
      /data.train: does not fit one window.*at most 49.*got 60/,
    );
    const model = { ...wholeText.model, vocabulary: 256 };
    expectMessage(
      await attempt({ model }),
      /an id is not in the vocabulary.*below 256.*299 at position 0/,
    );
    expectMessage(
      await attempt({ training: { ...wholeText.training, clip: 1 } }),
      /training.clip: needs all gradients at once/,
    );
  });
});
