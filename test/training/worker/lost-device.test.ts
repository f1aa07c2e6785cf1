/* A run in a worker whose device is lost: another one is opened with the same choices, once, and the run goes on. */
import { afterEach, expect, it } from "vitest";
import { init } from "../../../src/index.ts";
import { setBackend, type Backend } from "../../../src/ir/backend.ts";
import { createReferenceBackend } from "../../../src/backends/reference/index.ts";
import { createWasmBackend } from "../../../src/backends/wasm/index.ts";
import type { TrainConfigChoices } from "../../../src/training/config/configure.ts";
import {
  connectTraining,
  serveTraining,
  type RunStep,
  type StartBackend,
} from "../../../src/training/worker/index.ts";
import { PretendedDevice } from "../../support/device/device.ts";

const config: TrainConfigChoices = {
  preset: "bytes-small",
  model: {
    width: 16,
    headWidth: 8,
    feedForwardWidth: 16,
    layers: ["local"],
    local: { chunk: 8 },
    positions: { shape: [4, 4], widths: [8, 8] },
  },
  training: { batch: 1, length: 16, checkpointEvery: 2 },
};
const text = "the quick brown fox jumps over the lazy dog. ".repeat(20);
const device = { powerPreference: "low-power", check: true } as const;

const ports: MessagePort[] = [];
afterEach(async () => {
  for (const port of ports.splice(0)) port.close();
  await init("reference");
});

function serve(startBackend: StartBackend) {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  serveTraining({ startBackend, port: port2 });
  return connectTraining(port1);
}

/** Opens devices, as many as are asked for; `wanted` is what each was asked for. */
function opener() {
  const opened: PretendedDevice[] = [];
  const wanted: unknown[] = [];
  const open: StartBackend = async (choices) => {
    wanted.push(choices);
    const pretended = new PretendedDevice(await createWasmBackend({ threads: 1 }), "webgpu");
    const backend: Backend = Object.assign(pretended, { device: { maxBufferBytes: 2 ** 31 } });
    opened.push(pretended);
    setBackend(backend);
    return backend;
  };
  return { opened, wanted, open };
}

const losses = (steps: readonly RunStep[]) => steps.map(({ metrics }) => metrics.bitsPerByte);

it("opens another device with the same choices and goes on from what it kept", async () => {
  const through: RunStep[] = [];
  for await (const step of await serve(() => init("wasm", { threads: 1 })).start({
    config,
    text,
    steps: 6,
  }))
    through.push(step);

  const { opened, wanted, open } = opener();
  const run = await serve(open).start({ config, text, steps: 6, backend: "webgpu", device });
  const steps: RunStep[] = [];
  for await (const step of run) {
    steps.push(step);
    if (steps.length === 3) await opened[0].lose("unplugged");
  }
  expect(opened).toHaveLength(2);
  expect(wanted[1]).toEqual(wanted[0]);
  expect(wanted[0]).toMatchObject({ backend: "webgpu", device });
  const again = steps.findIndex(({ reopened }) => reopened);
  // Kept every second step; whether a third one had begun is the loop's affair.
  expect(steps[again].step - 1).toBe(steps[again].reopened?.from);
  expect([2, 4]).toContain(steps[again].reopened?.from);
  expect(steps[again].reopened?.reason).toMatch(/the backend webgpu is gone: unplugged/);
  expect(steps[again].reopened?.backend).toEqual({ name: "webgpu" });
  expect(steps.filter(({ reopened }) => reopened)).toHaveLength(1);
  expect(steps.at(-1)?.step).toBe(6);
  const told = new Map(steps.map((step) => [step.step, step]));
  expect(losses([...told.values()].sort((a, b) => a.step - b.step))).toEqual(losses(through));
});

it("ends at the second loss; a host that computes itself is never opened again", async () => {
  const { opened, open } = opener();
  const run = await serve(open).start({ config, text, steps: 50 });
  const reading = (async () => {
    for await (const { step } of run) if (step % 3 === 0) await opened.at(-1)?.lose("unplugged");
  })();
  await expect(reading).rejects.toThrow(/the backend webgpu is gone/);
  expect(opened).toHaveLength(2);

  const reference = await serve(async () => {
    const backend = createReferenceBackend();
    setBackend(backend);
    return backend;
  }).start({ config, text, steps: 1 });
  for await (const { reopened } of reference) expect(reopened).toBeUndefined();
});
