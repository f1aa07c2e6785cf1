/* What a checkpoint of a task tells, and which tasks go on from it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { version } from "../../../src/core/version.ts";
import { scalarTensor, type Tensor } from "../../../src/core/tensor.ts";
import { orThrow } from "../../../src/edge/problem.ts";
import {
  checkpointFromBytesOrThrow,
  checkpointOf,
  checkpointToBytes,
  finish,
  nextTokenTask,
  parametersOnly,
  parseTrainConfig,
  resumePointOrThrow,
  runKeys,
  train,
  type Task,
} from "../../../src/training/index.ts";
import { storedOf } from "../../../src/training/checkpoint/checkpoint.ts";
import { decodeFile, encodeFile } from "../../../src/training/checkpoint/file.ts";
import { anyTaskConfig } from "../../../src/training/checkpoint/task-config.ts";
import { loadCheckpoint, saveCheckpoint, sha256 } from "../../../src/training/node/index.ts";
import { toyModel, toyPreset } from "../toy-model.ts";

interface Sum {
  readonly params: { readonly sum: Tensor };
}

/** Adds up what its keys give. */
const summing = (change: Partial<Task<Sum>> = {}): Task<Sum> => ({
  name: "summing",
  metrics: [{ name: "loss", role: "loss" }],
  config: { weights: [1, 2], rule: { kind: "plain" } },
  init: () => ({ params: { sum: scalarTensor(0, "f32") } }),
  batch: () => null,
  step: ({ params }, _, key) => {
    const sum = scalarTensor(params.sum.item() + (key.words()[0] % 1000), "f32");
    return { state: { params: { sum } }, metrics: { loss: sum } };
  },
  ...change,
});

const trained = async (task: Task<Sum>, steps: number) => {
  const { state, step } = await finish(train({ task, steps }));
  return checkpointOf({ task, state, step, progress: { seen: 7 } });
};
const sumOf = ({ params }: Sum): number => params.sum.item();

const folder = mkdtempSync(join(tmpdir(), "reformax-resume-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe("a checkpoint of a task", () => {
  test("names it, beside its configuration, and goes on where it was", async () => {
    const task = summing();
    const whole = await finish(train({ task, steps: 6 }));
    const saved = await trained(task, 3);
    saveCheckpoint(folder, saved);
    const byFile = checkpointFromBytesOrThrow(checkpointToBytes(saved), task);
    const { checkpoint: byFolder, warnings } = loadCheckpoint(folder, task);
    expect(warnings).toEqual([]);
    for (const read of [byFile, byFolder]) {
      expect(read.config).toEqual({ ...task.config, task: { kind: "summing" } });
      expect(read.progress).toEqual({ seen: 7 });
      const start = resumePointOrThrow(read, summing());
      expect(start.step).toBe(3);
      const end = await finish(train({ task: summing(), start, steps: 6 }));
      expect(sumOf(end.state)).toBe(sumOf(whole.state));
    }
  });

  test("is refused where a language model's is expected, and the other way round", async () => {
    const config = orThrow(parseTrainConfig(toyPreset));
    const data = { train: new Uint8Array(100) };
    const model = toyModel(config);
    const language = nextTokenTask({ model, config, data });
    const [sums, words] = [
      await trained(summing(), 1),
      checkpointOf({ task: language, state: model.init(runKeys(0).initial), step: 1 }),
    ];
    const message = (expected: string, got: string): string =>
      `task: this is a checkpoint of another task: expected ${expected}, got ${got}. ` +
      `Read it, and go on with it, as what it is: with the task ${got}.`;
    const bytes = checkpointToBytes(sums);
    expect(() => checkpointFromBytesOrThrow(bytes)).toThrow(message("next-token", "summing"));
    saveCheckpoint(join(folder, "sums"), sums);
    expect(() => loadCheckpoint(join(folder, "sums"))).toThrow(message("next-token", "summing"));
    expect(() => resumePointOrThrow(sums, language)).toThrow(message("next-token", "summing"));
    const other = summing({ name: "counting" });
    expect(() => checkpointFromBytesOrThrow(bytes, other)).toThrow(message("counting", "summing"));
    expect(() => resumePointOrThrow(words, summing())).toThrow(message("summing", "next-token"));
  });

  test("of predicting the next token is what it was before there were tasks", () => {
    const config = orThrow(parseTrainConfig(toyPreset));
    const model = toyModel(config);
    const task = nextTokenTask({ model, config, data: { train: new Uint8Array(100) } });
    const state = model.init(runKeys(0).initial);
    const bytes = checkpointToBytes(checkpointOf({ task, state, step: 1 }));
    const before = checkpointToBytes(checkpointOf({ config, state, step: 1 }));
    expect(Buffer.compare(bytes, before)).toBe(0);
    expect(checkpointFromBytesOrThrow(bytes, task).config).toEqual(config);
    expect(resumePointOrThrow(checkpointFromBytesOrThrow(bytes), task).step).toBe(1);
  });
});

test("a run that an earlier version began is told what is computed otherwise since", async () => {
  const centred = { model: { layers: ["lsh"], lsh: { centred: true } } };
  const task = summing({ config: centred });
  const saved = await trained(task, 2);
  const readFrom = (writer: string) =>
    orThrow(
      decodeFile(encodeFile(storedOf(saved), { writer, digest: sha256 }), sha256, anyTaskConfig),
    );
  expect(resumePointOrThrow(readFrom("0.2.0"), task).warnings).toEqual([
    expect.stringContaining("reformax 0.2.0 wrote this checkpoint"),
  ]);
  expect(resumePointOrThrow(readFrom("0.3.0"), task).warnings).toEqual([]);
  const here = checkpointFromBytesOrThrow(checkpointToBytes(saved), task);
  expect(here.writer).toEqual({ version: 2, writer: version });
  for (const checkpoint of [saved, here])
    expect(resumePointOrThrow(checkpoint, task).warnings).toEqual([]);
});

describe("a run does not go on", () => {
  test.each<[string, Partial<Task<Sum>>, RegExp]>([
    [
      "with another configuration",
      { config: { weights: [1, 3], rule: { kind: "plain" } } },
      /^weights: differs from the run that is to be resumed: expected \[1,2\], got \[1,3\]/,
    ],
    [
      "with another seed",
      { keys: runKeys(5) },
      /^task.keys: draws from another seed.*0 0, got 0 5/,
    ],
    [
      "with a state of another shape",
      { init: () => ({ params: { sum: scalarTensor(0, "i32") } }) },
      /^checkpoint: tensor state.params.sum: has the wrong type: expected i32\[\], got f32\[\]/,
    ],
  ])("%s", async (_, change, message) => {
    const saved = await trained(summing(), 2);
    expect(() => resumePointOrThrow(saved, summing(change))).toThrow(message);
  });

  test("from the parameters alone", async () => {
    const saved = parametersOnly(await trained(summing(), 2));
    const message = /^checkpoint: holds the parameters only, without the optimiser's state/;
    expect(() => resumePointOrThrow(saved, summing())).toThrow(message);
  });
});

describe("what a task reports", () => {
  const badly = (metrics: unknown) =>
    finish(train({ task: summing({ step: (state) => ({ state, metrics }) }), steps: 1 }));

  test.each<[unknown, string]>([
    [{ loss: scalarTensor(NaN, "f32") }, "step 1: the loss is not finite: got loss NaN"],
    [
      { lost: scalarTensor(1, "f32") },
      "task summing: the step does not report a metric that the task declares: expected loss, got lost",
    ],
    [{}, "expected loss, got no metrics"],
    [
      { loss: runKeys(0).base },
      "task summing: a metric is one number: expected loss: f32[], got u32[2]",
    ],
  ])("%o", async (metrics, message) => {
    await expect(badly(metrics)).rejects.toThrow(message);
  });

  test.each<[string, object, number | undefined, string]>([
    [
      "no function",
      { batch: undefined },
      1,
      "task summing: a part of the task is missing: expected a function batch, got nothing",
    ],
    [
      "no metrics",
      { metrics: undefined },
      1,
      "task summing: the task declares no metrics: expected a list of { name, unit, ... }",
    ],
    ["no steps", {}, undefined, "train: a run needs a number of steps: expected steps: at least 0"],
    ["steps that are no number", {}, NaN, "expected steps: at least 0, and whole, got NaN"],
    [
      "no result",
      { step: () => undefined },
      1,
      "task summing: the step does not return what it should: expected { state, metrics }, got nothing",
    ],
    ["a late result", { step: async () => ({}) }, 1, "got a promise. Let `step` begin its work"],
  ])("as JavaScript lets it: %s", async (_, change, steps, message) => {
    const task = { ...summing(), ...change } as Task<Sum>;
    const run = train({ task, steps: steps as number });
    await expect(finish(run)).rejects.toThrow(message);
  });
});
