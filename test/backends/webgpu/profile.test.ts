/** Where a device's time goes, as its own clock says. */
import { afterEach, expect, it } from "vitest";
import { createWebGpuBackend } from "../../../src/backends/webgpu/index.ts";
import {
  dispose,
  jit,
  named,
  scan,
  synchronize,
  whileLoop,
  type Value,
} from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import type { RunProfile } from "../../../src/plan/index.ts";
import { f32, i32 } from "../../support/arrays.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice, openDevice } from "../../support/webgpu-device.ts";

const sumOf = <Key extends string>(times: readonly Readonly<Record<Key, number>>[], key: Key) =>
  times.reduce((sum, time) => sum + time[key], 0);

/** Three additions in a loop, and a product. */
const program = jit(
  (x: Value) => {
    const smooth = named("smooth", (y: Value) => np.cumsum(np.multiply(y, 0.5)));
    const [result] = scan((carry: Value) => [smooth(carry), null], x, null, { length: 3 });
    return np.matmul(result, result);
  },
  { name: "program" },
);

await describeWithDevice("profiles of WebGPU", () => {
  afterEach(() => dispose());

  it("tell every kernel call of a run, with the user's names, and change no bit", async () => {
    const x = f32(
      [64],
      Array.from({ length: 64 }, (_, i) => Math.sin(i)),
    );
    setBackend(await openWebGpu());
    const plain = await program(x).data();
    await dispose();

    const runs: RunProfile[] = [];
    const profile = { events: 5, onRun: (run: RunProfile) => void runs.push(run) };
    setBackend(await openWebGpu({ profile }));
    const { report } = program.lower(x);
    const results = [program(x), program(x)];
    await synchronize();
    expect(runs).toHaveLength(2);
    for (const [i, { where, steps, events, missedEvents, begin, end, device }] of runs.entries()) {
      expect(where).toBe("program");
      expect(device?.isTimed).toBe(true);
      expect(device?.pipelines).toBeGreaterThan(1);
      expect(device?.encodeMilliseconds).toBeGreaterThan(0);
      expect(sumOf(steps, "calls")).toBe(device?.dispatches);
      expect(events.length + missedEvents).toBe(device?.dispatches);
      expect(events).toHaveLength(5);
      const smooth = steps.filter(({ step }) => step.name.includes("smooth"));
      expect(smooth.length).toBeGreaterThan(0);
      expect(smooth.every(({ calls }) => calls === 3)).toBe(true);
      const cost = steps.reduce((sum, { step, calls }) => sum + step.flops * calls, 0);
      expect(cost).toBe(report.flops);
      const milliseconds = sumOf(steps, "milliseconds");
      expect(milliseconds).toBeGreaterThan(0);
      expect(milliseconds).toBeLessThanOrEqual(end - begin + 1e-6);
      for (const event of events) {
        expect(event.begin).toBeGreaterThanOrEqual(begin);
        expect(event.end).toBeLessThanOrEqual(end);
      }
      expect(await results[i].data()).toEqual(plain);
    }
  });

  it("tell of loops that the host decides, run by run, and what the listener throws", async () => {
    const runs: RunProfile[] = [];
    const onRun = (run: RunProfile): void => {
      runs.push(run);
      if (run.where === "refused") throw new Error("enough");
    };
    setBackend(await openWebGpu({ profile: { onRun } }));
    const countdown = jit(
      (n: Value) =>
        whileLoop(
          (i: Value) => np.greater(i, 0),
          (i: Value) => np.subtract(i, 1),
          n,
        ),
      { name: "countdown" },
    );
    countdown(i32([], [3]));
    countdown(i32([], [5]));
    await synchronize();
    expect(runs.map(({ where }) => where)).toEqual(["countdown", "countdown"]);
    const [three, five] = runs.map(({ device }) => device?.dispatches ?? 0);
    // Each turn is a test and a subtraction.
    expect(five - three).toBe(4);
    jit((x: Value) => np.add(x, 1), { name: "refused" })(f32([1], [1]));
    await expect(synchronize()).rejects.toThrow("enough");
    await synchronize();
  });

  it("count kernel calls on a device that tells no times", async () => {
    const runs: RunProfile[] = [];
    const profile = { events: 5, onRun: (run: RunProfile) => void runs.push(run) };
    const device = await openDevice();
    expect(device.features.has("timestamp-query")).toBe(false);
    setBackend(await createWebGpuBackend({ device, profile }));
    expect(await np.add(f32([2], [1, 2]), 1).data()).toEqual(Float32Array.of(2, 3));
    await synchronize();
    const [{ steps, events, missedEvents, device: told }] = runs;
    expect(told).toMatchObject({ dispatches: 1, isTimed: false });
    expect(steps.map(({ calls, milliseconds }) => [calls, milliseconds])).toEqual([[1, 0]]);
    expect([events.length, missedEvents]).toEqual([0, 1]);
  });
});
