/* A run whose device is lost: it goes on from where it was saved, once. */
import { expect, test } from "vitest";
import { createWebGpuBackend } from "../../src/backends/webgpu/index.ts";
import { BackendLostError, init, jit, toHost, type Tensor } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import * as np from "../../src/numpy/index.ts";
import { finish, train, trainAhead, type Task } from "../../src/training/index.ts";
import { f32 } from "../support/arrays.ts";
import { describeWithDevice, openDevice } from "../support/webgpu-device.ts";

interface State {
  readonly x: Tensor;
}

/** Opens a device that fails, as far as anybody can tell, when it is destroyed. */
async function open(): Promise<GPUDevice> {
  const device = await openDevice();
  const lost = device.lost.then(({ message }) => ({ reason: "unknown", message }));
  Object.defineProperty(device, "lost", { value: lost });
  setBackend(await createWebGpuBackend({ device }));
  return device;
}

const next = jit((x: Tensor) => np.add(np.multiply(x, 2), 1) as Tensor);

/** Doubles and adds one; `before` hears of every step. */
const taskOf = (before: (step: number) => void): Task<State, { readonly value: number }> => ({
  name: "count",
  metrics: [{ name: "value", digits: 0 }],
  init: () => ({ x: f32([], [0]) }),
  batch: (step) => {
    before(step);
    return null;
  },
  step: ({ x }) => {
    const made = next(x);
    return { state: { x: made }, metrics: { value: made } };
  },
});

await describeWithDevice("a lost device", () => {
  test.each([true, false])("goes on from what was saved; ahead: %s", async (ahead) => {
    let device = await open();
    const lostAt = new Set([5]);
    const task = taskOf((step) => {
      if (lostAt.delete(step)) device.destroy();
    });
    let saved = { step: 0, state: task.init(f32([], [0])) };
    const errors: unknown[] = [];
    const told: (readonly [number, number])[] = [];
    const save = (state: State, step: number): void => void (saved = { step, state });
    const reopen = async (lost: BackendLostError) => {
      errors.push(lost);
      device = await open();
      return saved;
    };
    const options = { task, steps: 8, checkpointEvery: 3, hooks: { save, reopen } };
    const tell = (of: { step: number; metrics: { value: number } }): unknown =>
      told.push([of.step, of.metrics.value]);
    const run = ahead ? finish(trainAhead(options), tell) : finish(train(options), tell);
    const { state } = await run;
    expect((await toHost(state)).x.item()).toBe(2 ** 8 - 1);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBeInstanceOf(BackendLostError);
    const again = told.findIndex(([step], i) => i > 0 && step <= told[i - 1][0]);
    expect(told[again][0]).toBe(4);
    for (const [step, value] of told) expect(value).toBe(2 ** step - 1);
    expect(told.slice(again).map(([step]) => step)).toEqual([4, 5, 6, 7, 8]);
    await init("reference");
  });

  test("a second loss, or one with nobody to open another, ends the run", async () => {
    let device = await open();
    const task = taskOf((step) => {
      if (step === 2) device.destroy();
    });
    let opened = 0;
    const reopen = async () => {
      opened += 1;
      device = await open();
      return { step: 0, state: task.init(f32([], [0])) };
    };
    await expect(finish(train({ task, steps: 4, hooks: { reopen } }))).rejects.toThrow(
      BackendLostError,
    );
    expect(opened).toBe(1);
    device = await open();
    await expect(finish(trainAhead({ task, steps: 4 }))).rejects.toThrow(
      /the backend webgpu is gone/,
    );
    await init("reference");
  });
});
