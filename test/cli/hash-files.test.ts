/** The program records the hashes of a run, and another run uses them: on another backend, later, resumed. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import { describeWithDevice } from "../support/webgpu-device.ts";
import { call, data, expectMessage, folder, newest, put } from "./harness.ts";

const tiny = {
  model: {
    width: 8,
    heads: 1,
    headWidth: 8,
    feedForwardWidth: 8,
    layers: ["local", "lsh"],
    local: { chunk: 8 },
    lsh: { chunk: 8, rounds: 1 },
    positions: { kind: "axial", shape: [4, 8], widths: [4, 4] },
  },
  training: {
    batch: 1,
    length: 32,
    schedule: { kind: "constant", rate: 1e-2, horizon: 4 },
    clip: null,
    checkpointEvery: 2,
  },
};

const patience = 240_000;
const at = (name: string): string => join(folder, name);
const train = (to: string, ...more: readonly string[]) =>
  call(
    [
      "train",
      "--config",
      put("tiny.json", JSON.stringify(tiny)),
      "--data",
      data,
      "--out",
      at(to),
      ...more,
    ],
    reformerServices,
  );
const lossesOf = (run: string): readonly number[] =>
  readFileSync(join(at(run), "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { bitsPerByte?: number })
    .flatMap(({ bitsPerByte }) => bitsPerByte ?? []);

describe("hashes in files", () => {
  test(
    "are those of the run: replaying gives its bits, resumed too",
    { timeout: patience },
    async () => {
      const recorded = await train("a", "--steps", "4", "--record-hashes", at("a.hashes"));
      expect([recorded.err, recorded.code]).toEqual(["", 0]);
      const replayed = await train("b", "--steps", "4", "--replay-hashes", at("a.hashes"));
      expect([replayed.err, replayed.code]).toEqual(["", 0]);
      expect(newest(at("b"))).toEqual(newest(at("a")));

      await train("c", "--steps", "2", "--record-hashes", at("c.hashes"));
      const cut = readFileSync(at("c.hashes"));
      expect(readFileSync(at("a.hashes")).subarray(0, cut.length)).toEqual(cut);
      // As a run that was killed while it wrote leaves it.
      writeFileSync(at("c.hashes"), readFileSync(at("a.hashes")).subarray(0, cut.length + 100));
      await train("c", "--resume", "--steps", "4", "--record-hashes", at("c.hashes"));
      expect(readFileSync(at("c.hashes"))).toEqual(readFileSync(at("a.hashes")));
      expect(newest(at("c"))).toEqual(newest(at("a")));
    },
  );

  test("are refused where they are not such a run's", { timeout: patience }, async () => {
    await train("a", "--steps", "1", "--record-hashes", at("a.hashes"));
    const replay = ["--replay-hashes", at("a.hashes")];
    expectMessage(
      await train("b", "--steps", "1", "--seed", "7", ...replay),
      /training.seed: differs from what the hashes were recorded with: expected 0, got 7/,
    );
    expect(existsSync(join(at("b"), "metrics.jsonl"))).toBe(false);
    expectMessage(
      await train("c", "--steps", "2", ...replay),
      /has no hashes of step 1: got steps 0 to 0/,
    );
    expectMessage(
      await train("d", "--steps", "1", "--record-hashes", at("a.hashes")),
      /a.hashes: cannot write: exists already/,
    );
    expectMessage(
      await train("e", "--steps", "1", "--record-hashes", at("a.hashes"), ...replay),
      /names the file that --replay-hashes reads/,
    );
    expectMessage(
      await train("f", "--steps", "1", "--replay-hashes", data),
      /is no file of recorded hashes/,
    );
    expectMessage(
      await train("g", "--steps", "1", "--replay-hashes", at("none")),
      /cannot read: does not exist/,
    );
    const file = readFileSync(at("a.hashes"));
    writeFileSync(at("cut"), file.subarray(0, file.length - 3));
    expectMessage(
      await train("h", "--steps", "1", "--replay-hashes", at("cut")),
      /is cut off in the record of step 0/,
    );
  });

  test("of a measurement, too", { timeout: patience }, async () => {
    await train("a", "--steps", "1");
    const measure = (...more: readonly string[]) =>
      call(
        ["eval", "--checkpoint", at("a"), "--data", data, "--range", "0:100", ...more],
        reformerServices,
      );
    const recorded = await measure("--record-hashes", at("e.hashes"));
    const replayed = await measure("--replay-hashes", at("e.hashes"), "--backend", "reference");
    expect([recorded.err, replayed.err]).toEqual(["", ""]);
    expect(replayed.out.split(" ")[0]).toBe(recorded.out.split(" ")[0]);
    expectMessage(
      await measure("--replay-hashes", at("e.hashes"), "--rounds", "2"),
      /pass.rounds: differs/,
    );
  });
});

await describeWithDevice("hashes in files, from the CPU to WebGPU and back", () => {
  test("keep the losses of both together", { timeout: patience }, async () => {
    const gpu = ["--steps", "4", "--backend", "webgpu"];
    await train("a", "--steps", "4", "--record-hashes", at("a.hashes"));
    const there = await train(
      "b",
      ...gpu,
      "--replay-hashes",
      at("a.hashes"),
      "--record-hashes",
      at("b.hashes"),
    );
    expect([there.err, there.code]).toEqual(["", 0]);
    const back = await train("c", "--steps", "4", "--replay-hashes", at("b.hashes"));
    expect([back.err, back.code]).toEqual(["", 0]);
    expect(newest(at("c"))).toEqual(newest(at("a")));
    const [onCpu, onGpu] = [lossesOf("a"), lossesOf("b")];
    expect(onCpu.length).toBe(4);
    onGpu.forEach((loss, i) => expect(Math.abs(loss - onCpu[i])).toBeLessThan(1e-4));
  });
});
