/** Whole runs of a Reformer on a pretended device: the bits of the host, and one read a step. */
import { afterEach, describe, expect, it } from "vitest";
import { BackendError, init, toHost } from "../../../src/index.ts";
import {
  checkpointFromBytesOrThrow,
  checkpointOf,
  checkpointToBytes,
  finish,
  generate,
  parameterHash,
  reformerModel,
  runKeys,
  stateOfOrThrow,
  tensorsOf,
  train,
  trainAhead,
  trainConfig,
  type ReformerState,
  type StepRecord,
  type ToldStep,
  type TrainConfig,
  type TrainConfigChoices,
  type TrainOptions,
  type TrainOutcome,
} from "../../../src/training/index.ts";
import type { PretendedDevice } from "../../support/device/device.ts";
import { startDevice } from "../../support/device/start.ts";

const text = new TextEncoder().encode("to be, or not to be: that is the question. ".repeat(60));
const steps = 5;

const configWith = (training: TrainConfigChoices["training"] = {}): TrainConfig =>
  trainConfig({
    preset: "bytes-small",
    training: {
      batch: 1,
      length: 128,
      validateEvery: 0,
      checkpointEvery: 0,
      schedule: { kind: "constant", rate: 1e-3, warmup: 0, horizon: steps },
      ...training,
    },
  });

/** What a run tells of its steps but for its speed, and the hash of what it ends with. */
interface Ended {
  readonly records: readonly Omit<StepRecord, "tokensPerSecond">[];
  readonly hash: string;
  readonly state: ReformerState;
}

type Loop = (
  options: TrainOptions<ReformerState>,
) => AsyncGenerator<ToldStep, TrainOutcome<ReformerState>, void>;

async function ended(
  loop: Loop,
  config: TrainConfig,
  options: Partial<TrainOptions<ReformerState>> = {},
): Promise<Ended> {
  const records: Omit<StepRecord, "tokensPerSecond">[] = [];
  const data = { train: text.subarray(0, 2000) };
  const run = loop({ model: reformerModel(config), config, data, steps, ...options });
  const { state } = await finish(run, ({ metrics: { tokensPerSecond: _speed, ...record } }) =>
    records.push(record),
  );
  return { records, state, hash: parameterHash((await toHost(state)).params) };
}

let device: PretendedDevice | undefined;
const start = async (): Promise<PretendedDevice> => (device = await startDevice("wasm"));
afterEach(async () => {
  await device?.dispose();
  device = undefined;
});

describe.each([
  ["all updates at the end", configWith()],
  ["updates in the sweep", configWith({ update: "inSweep", clip: null })],
] as const)("a training run, %s", (_, config) => {
  it.each([
    ["train", train],
    ["trainAhead", trainAhead],
  ] as const)("by %s has the host's bits, with one read a step", async (_name, loop) => {
    await init("wasm");
    const expected = await ended(loop, config);
    const { counts } = await start();
    const got = await ended(loop, config);
    expect(got.records).toEqual(expected.records);
    expect(got.records.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(got.hash).toBe(expected.hash);
    expect(new Set([...tensorsOf(got.state).values()].map(({ place }) => place))).toEqual(
      new Set(["pretended"]),
    );
    // Besides, the last state is looked at before it is returned, and the hash reads it.
    expect(counts.reads).toBe(steps + 2);
  });
});

it("trainAhead starts a step before it tells of the one before", async () => {
  const pretended = await start();
  let started = 0;
  pretended.fault = (where) => {
    started += Number(where === "trainStep");
    return undefined;
  };
  const config = configWith();
  const model = reformerModel(config);
  const told: (readonly [number, number])[] = [];
  const run = trainAhead({ model, config, data: { train: text }, steps });
  for await (const { step } of run) told.push([step, started]);
  expect(told).toEqual([
    [1, 2],
    [2, 3],
    [3, 4],
    [4, 5],
    [5, 5],
  ]);
});

it("saves from the host, measures, and goes on from what was saved", async () => {
  const config = configWith({ validateEvery: 3, validateBytes: 256, checkpointEvery: 2 });
  const data = { train: text.subarray(0, 2000), validation: text.subarray(2000) };
  const saved = new Map<number, Uint8Array>();
  const save = (state: ReformerState, step: number): void =>
    void saved.set(step, checkpointToBytes(checkpointOf({ config, step, state })));
  await init("wasm");
  const expected = await ended(trainAhead, config, { data });
  await start();
  const got = await ended(trainAhead, config, { data, hooks: { save } });
  expect(got.hash).toBe(expected.hash);
  expect([...saved.keys()]).toEqual([2, 4, 5]);
  const checkpoint = checkpointFromBytesOrThrow(saved.get(2) ?? new Uint8Array());
  const state = stateOfOrThrow(checkpoint, reformerModel(config));
  const resumed = await ended(trainAhead, config, { data, start: { step: 2, state } });
  expect(resumed.hash).toBe(expected.hash);
  expect(resumed.records).toEqual(expected.records.slice(2));
});

it("ends with the error of a step that failed late, and saves nothing behind it", async () => {
  const pretended = await start();
  let started = 0;
  pretended.fault = (where) => {
    started += Number(where === "trainStep");
    return where === "trainStep" && started === 3
      ? new BackendError("a kernel failed: out of memory", { where, got: "matmul in layers/1" })
      : undefined;
  };
  const config = configWith({ checkpointEvery: 1 });
  const saved: number[] = [];
  const options = { hooks: { save: (_: unknown, step: number) => void saved.push(step) } };
  await expect(ended(trainAhead, config, options)).rejects.toThrow(
    "trainStep: a kernel failed: out of memory: got matmul in layers/1",
  );
  expect(saved).toEqual([1, 2]);
});

it("ends with the loss of the device", async () => {
  const pretended = await start();
  const config = configWith();
  const model = reformerModel(config);
  const run = trainAhead({ model, config, data: { train: text }, steps });
  await run.next();
  await pretended.lose("the cable was pulled");
  await expect(finish(run)).rejects.toThrow("the backend pretended is gone: the cable was pulled");
});

it("writes the text that the host writes", async () => {
  const config = configWith();
  const write = async (): Promise<readonly number[]> => {
    const keys = runKeys(0);
    const model = reformerModel(config);
    const state = model.init(keys.initial);
    const written: number[] = [];
    const options = {
      context: 64,
      key: keys.evaluation,
      temperature: 1,
      uniform: (n: number) => (n % 7) / 7,
    };
    for await (const byte of generate(model, state, text.subarray(0, 20), 6, options))
      written.push(byte);
    return written;
  };
  await init("wasm");
  const expected = await write();
  const { counts } = await start();
  expect(await write()).toEqual(expected);
  expect(counts.reads).toBe(6);
});
