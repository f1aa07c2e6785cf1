/* `train` and `trainAhead` on a device that is read late: which read waits for what, and that no step gets lost. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { avalOf } from "../../src/core/aval.ts";
import { BackendError } from "../../src/core/errors.ts";
import { Outcome } from "../../src/core/outcome.ts";
import type { Device, DeviceStorage } from "../../src/core/storage.ts";
import { scalarTensor, Tensor } from "../../src/core/tensor.ts";
import {
  finish,
  train,
  trainAhead,
  type MeasuredRecord,
  type Numbers,
  type RecordOf,
  type Task,
  type TaskOptions,
  type ToldStep,
  type TrainOutcome,
} from "../../src/training/index.ts";

interface Counter {
  readonly params: { readonly count: Tensor };
}

/** A device that writes down what it is asked for; its reads take a turn of the event loop. */
class PretendedDevice implements Device {
  readonly name = "pretended";
  readonly events: string[] = [];
  readonly #values = new Map<DeviceStorage, number>();

  scalar(value: number, failure?: Error): Tensor {
    const outcome = new Outcome(failure ? [Promise.reject(failure)] : []);
    const storage: DeviceStorage = {
      kind: "device",
      place: this,
      outcome,
      release: () => void this.#values.delete(storage),
      hold: () => () => undefined,
    };
    this.#values.set(storage, value);
    return new Tensor(avalOf("f32", []), storage);
  }

  valueOf(tensor: Tensor): number {
    return this.#values.get(tensor.storage as DeviceStorage) ?? NaN;
  }

  async read(storages: readonly DeviceStorage[]): Promise<Float32Array[]> {
    const found = storages.map((storage) => Float32Array.of(this.#values.get(storage) ?? NaN));
    this.events.push(`read ${found.join(" ")}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
    return found;
  }
}

interface Faults {
  /** The step after which the loss is NaN. */
  readonly badAt?: number;
  /** The step that the device fails to compute. */
  readonly lostAt?: number;
  readonly measures?: boolean;
}

/** Counts its steps. Each takes the state before over, as a compiled step does. */
function counting(
  device: PretendedDevice,
  { badAt, lostAt, measures }: Faults = {},
): Task<Counter> {
  return {
    name: "counting",
    metrics: [{ name: "loss", role: "loss" }],
    init: () => ({ params: { count: device.scalar(0) } }),
    batch: (step) => scalarTensor(step, "f32"),
    step: ({ params }, batch: Tensor) => {
      const count = device.valueOf(params.count) + 1;
      expect(batch.item()).toBe(count - 1);
      params.count.donate("step");
      device.events.push(`start ${count}`);
      const failure = count === lostAt ? new BackendError("the device is gone") : undefined;
      const loss = device.scalar(count === badAt ? NaN : 100 - count, failure);
      return { state: { params: { count: device.scalar(count, failure) } }, metrics: { loss } };
    },
    ...(measures === true && {
      measure: async ({ params }) => {
        device.events.push("measure");
        return { count: (await params.count.data())[0] };
      },
    }),
  };
}

/** Both tell of steps; what `train` tells besides is not looked at. */
type Runner = (
  options: TaskOptions<Counter>,
) => AsyncGenerator<
  ToldStep<RecordOf<Numbers>, MeasuredRecord<Numbers>>,
  TrainOutcome<Counter, MeasuredRecord<Numbers>>,
  void
>;

type Changes = Partial<TaskOptions<Counter>> & Faults;

/** Everything that happens, in order. */
async function eventsOf(run: Runner, changes: Changes) {
  const device = new PretendedDevice();
  const { events } = device;
  const save = ({ params }: Counter, step: number): void => {
    events.push(`save ${step}: ${params.count.item()}`);
  };
  const task = counting(device, changes);
  const options = { task, steps: 4, hooks: { save }, ...changes };
  try {
    const end = await finish(run(options), ({ step, metrics, validation }) => {
      const measured = validation ? `, measured ${validation.validation.count}` : "";
      events.push(`tell ${step}: ${metrics.loss}${measured}`);
    });
    events.push(`end ${end.step}${end.interrupted ? " early" : ""}`);
  } catch (error) {
    events.push(String(error));
  }
  return events;
}

describe("on a device that is read late", () => {
  test("train tells of a step, with its state, before the next one is started", async () => {
    const device = new PretendedDevice();
    const seen: number[] = [];
    for await (const { state } of train({ task: counting(device), steps: 3 })) {
      seen.push((await state.params.count.data())[0]);
    }
    expect(seen).toEqual([1, 2, 3]);
    expect(await eventsOf(train, { steps: 2, checkpointEvery: 1 })).toEqual([
      "start 1",
      "read 99",
      "tell 1: 99",
      "read 1",
      "save 1: 1",
      "start 2",
      "read 98",
      "tell 2: 98",
      "read 2",
      "save 2: 2",
      "end 2",
    ]);
  });

  test("trainAhead starts the next step before it waits, and reads each step once", async () => {
    expect(await eventsOf(trainAhead, {})).toEqual([
      "start 1",
      "read 99",
      "start 2",
      "read 98",
      "tell 1: 99",
      "start 3",
      "read 97",
      "tell 2: 98",
      "start 4",
      "read 96",
      "tell 3: 97",
      "tell 4: 96",
      "read 4",
      "save 4: 4",
      "end 4",
    ]);
  });

  test("before a save or a measurement every step has been judged", async () => {
    const due = { checkpointEvery: 3, validateEvery: 2, measures: true };
    expect(await eventsOf(trainAhead, due)).toEqual([
      "start 1",
      "read 99",
      "start 2",
      "read 98",
      "tell 1: 99",
      "measure",
      "read 2",
      "tell 2: 98, measured 2",
      "start 3",
      "read 97",
      "tell 3: 97",
      "read 3",
      "save 3: 3",
      "start 4",
      "read 96",
      "measure",
      "read 4",
      "tell 4: 96, measured 4",
      "read 4",
      "save 4: 4",
      "end 4",
    ]);
  });

  test.each([2, 3])("a step that went wrong (%i) is the last, and not saved", async (badAt) => {
    for (const run of [train, trainAhead]) {
      const events = await eventsOf(run, { badAt, checkpointEvery: 3 });
      expect(events.at(-1)).toMatch(`step ${badAt}: the loss is not finite: got loss NaN`);
      expect(events.filter((event) => /save|end/.test(event))).toEqual([]);
      const told = events.filter((event) => event.startsWith("tell"));
      expect(told).toHaveLength(badAt - 1);
      expect(events).not.toContain("start 4");
    }
  });

  test("asked to stop, it tells of the step that it had started, and saves that", async () => {
    const signal = { aborted: false };
    const device = new PretendedDevice();
    const told: number[] = [];
    const saved: number[] = [];
    const hooks = { save: (_: Counter, step: number) => void saved.push(step) };
    const run = trainAhead({ task: counting(device), steps: 9, signal, hooks });
    const end = await finish(run, ({ step }) => {
      told.push(step);
      signal.aborted = step === 3;
    });
    expect(told).toEqual([1, 2, 3, 4]);
    expect(end).toMatchObject({ step: 4, interrupted: true });
    expect((await end.state.params.count.data())[0]).toBe(4);
    expect(saved).toEqual([4]);
  });

  test("a step that the device could not compute rejects where it is told of", async () => {
    for (const run of [train, trainAhead]) {
      const events = await eventsOf(run, { lostAt: 2 });
      expect(events.at(-1)).toMatch("the device is gone");
      expect(events.filter((event) => event.startsWith("tell"))).toEqual(["tell 1: 99"]);
    }
  });

  test("left with a failing step on its way, it fails nobody", async () => {
    const device = new PretendedDevice();
    const run = trainAhead({ task: counting(device, { lostAt: 2 }), steps: 9 });
    for await (const { step } of run) if (step === 1) break;
    // An unhandled rejection would fail this file.
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(device.events).toEqual(["start 1", "read 99", "start 2", "read 98"]);
  });
});

test("whatever is due when, and wherever a run was stopped, trainAhead tells what train tells", async () => {
  const every = fc.nat(4);
  await fc.assert(
    fc.asyncProperty(fc.nat(9), fc.nat(9), every, every, async (a, b, validate, checkpoint) => {
      const [half, steps] = [Math.min(a, b), Math.max(a, b)];
      const due = { validateEvery: validate, checkpointEvery: checkpoint, measures: true };
      const kept = (events: readonly string[]) => events.filter((event) => /tell|save/.test(event));
      const whole = kept(await eventsOf(train, { steps, ...due }));
      expect(kept(await eventsOf(trainAhead, { steps, ...due }))).toEqual(whole);

      const device = new PretendedDevice();
      const task = counting(device);
      const first = await finish(trainAhead({ task, steps: half }));
      const second: number[] = [];
      await finish(trainAhead({ task, steps, start: first }), ({ step }) => second.push(step));
      expect(second).toEqual(Array.from({ length: steps - half }, (_, i) => half + i + 1));
      const reads = device.events.filter((event) => event.startsWith("read"));
      expect(reads.length).toBe(steps + Number(half > 0) + Number(steps > half));
    }),
    { numRuns: 40 },
  );
});

test("on the host trainAhead tells of a step before the next is started", async () => {
  const events: string[] = [];
  const task: Task<{ readonly params: Tensor }> = {
    name: "host",
    metrics: [{ name: "loss" }],
    init: () => ({ params: scalarTensor(0, "f32") }),
    batch: async (step) => step,
    step: (state, batch) => {
      events.push(`start ${Number(batch) + 1}`);
      return { state, metrics: { loss: scalarTensor(1, "f32") } };
    },
  };
  await finish(trainAhead({ task, steps: 2 }), ({ step }) => events.push(`tell ${step}`));
  expect(events).toEqual(["start 1", "tell 1", "start 2", "tell 2"]);
});
