/** Whole training runs: WebGPU learns what WASM learns, with the hash buckets of one replayed on the other. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { init, type Backend } from "../../../src/index.ts";
import {
  checkpointFromBytesOrThrow,
  checkpointOf,
  checkpointToBytes,
  stateOfOrThrow,
} from "../../../src/training/index.ts";
import type { WebGpuBackend, WebGpuOptions } from "../../../src/backends/webgpu/index.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice, openDevice } from "../../support/webgpu-device.ts";
import { disagreements, taskOf, trainOn, type Run } from "./training-runs.ts";

const [steps, further, few] = [20, 2, 3];
const timeout = 300_000;

await describeWithDevice("training on WebGPU", () => {
  let wasm: Backend;
  let gpu: WebGpuBackend;
  let expected: Run;
  /** What WASM's run used. */
  const replay = (step: number): Run["buckets"][number] => expected.buckets[step];

  beforeAll(async () => {
    wasm = await init("wasm");
    gpu = await openWebGpu();
    expected = await trainOn(wasm, { steps });
  });
  afterAll(() => gpu.dispose());

  it(
    "agrees with WASM in every loss and every parameter; its checkpoint goes on there",
    { timeout },
    async () => {
      const got = await trainOn(gpu, { steps, replay });
      expect(disagreements(got, expected)).toEqual([]);
      expect(got.rebuilt).toEqual(Array.from({ length: steps }, () => true));
      expect(got.buckets.flatMap(wordsOf)).toEqual(expected.buckets.flatMap(wordsOf));

      const { task, model } = taskOf();
      const { state, step } = got;
      const bytes = checkpointToBytes(checkpointOf({ task, state, step }));
      const loaded = stateOfOrThrow(checkpointFromBytesOrThrow(bytes), model);
      const end = { steps: steps + further };
      const on = await trainOn(wasm, { ...end, start: { step, state: loaded } });
      const { buckets } = on;
      const through = await trainOn(wasm, {
        ...end,
        start: { step, state: expected.state },
        replay: (at) => buckets[at - steps],
      });
      expect(on.losses.length).toBe(further);
      expect(disagreements(on, through)).toEqual([]);
    },
  );

  it(
    "repeats itself to the bit, in small windows and one call after another too, and WASM follows its hashes",
    { timeout },
    async () => {
      const first = await trainOn(gpu, { steps: few });
      const second = await trainOn(gpu, { steps: few });
      const windowed = await openWebGpu({ windowBytes: 2 ** 16 });
      const third = await trainOn(windowed, { steps: few });
      expect(windowed.memory.arenaBytes).toBeGreaterThan(3 * 2 ** 16);
      await windowed.dispose();
      const plain = await openWebGpu({ merges: false, spareBytes: 0 });
      const fourth = await trainOn(plain, { steps: few });
      expect(plain.memory.arenaBytes).toBeLessThan(gpu.memory.arenaBytes);
      await plain.dispose();
      for (const [what, { losses, after }] of Object.entries({ second, third, fourth })) {
        expect(losses, what).toEqual(first.losses);
        expect(after, what).toEqual(first.after);
      }
      const { buckets } = first;
      const followed = await trainOn(wasm, { steps: few, replay: (step) => buckets[step] });
      expect(disagreements(followed, first)).toEqual([]);
    },
  );

  it("does not agree with a wrong derivative", { timeout }, async () => {
    const { device, planted } = await deviceWithFault();
    const faulty = await openWebGpu({ device });
    const got = await trainOn(faulty, { steps: few, replay });
    await faulty.dispose();
    expect(planted()).toBeGreaterThan(0);
    const right = await trainOn(wasm, { steps: few, replay });
    expect(disagreements(got, right).join()).toContain("change of");
  });
});

const wordsOf = (buckets: Run["buckets"][number]): readonly unknown[] =>
  buckets.map((each) => each?.toArray());

/** A device whose derivative of layer norm is a little wrong. */
async function deviceWithFault(): Promise<{
  readonly device: NonNullable<WebGpuOptions["device"]>;
  readonly planted: () => number;
}> {
  const device = await openDevice();
  const create = device.createShaderModule.bind(device);
  let planted = 0;
  device.createShaderModule = (descriptor) => {
    if (descriptor.label !== "layerNormBackward") return create(descriptor);
    const code = descriptor.code.replace("a - meanOfA", "a - 0.5 * meanOfA");
    if (code !== descriptor.code) planted += 1;
    return create({ ...descriptor, code });
  };
  return { device, planted: () => planted };
}
