/** The program with `--backend webgpu`, on a Reformer of one layer: a driver for CPUs compiles slowly. */
import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import type { Trace } from "../../src/cli/profile/trace.ts";
import { createWebGpuBackend } from "../../src/backends/webgpu/index.ts";
import type { Services } from "../../src/cli/services.ts";
import type { JsonObject } from "../../src/edge/json.ts";
import { init, type Tensor } from "../../src/index.ts";
import { currentBackend, setBackend } from "../../src/ir/backend.ts";
import { add } from "../../src/numpy/index.ts";
import type { TrainConfig } from "../../src/training/index.ts";
import { describeWithDevice, openDevice } from "../support/webgpu-device.ts";
import { toyModel, type ToyState } from "../training/toy-model.ts";
import {
  call,
  data,
  expectMessage,
  folder,
  newest,
  out,
  put,
  trainArgs,
  whole,
} from "./harness.ts";
import { toyServices } from "./toy-services.ts";

const tiny = {
  model: {
    width: 8,
    heads: 1,
    headWidth: 8,
    feedForwardWidth: 8,
    layers: ["local"],
    local: { chunk: 8 },
    positions: { kind: "axial", shape: [4, 4], widths: [4, 4] },
  },
  training: {
    batch: 1,
    length: 16,
    schedule: { kind: "constant", rate: 1e-3, horizon: 2 },
    clip: null,
    checkpointEvery: 1,
  },
};
/** Of tests that compile dozens of kernels, on a machine that has more to do. */
const patience = 240_000;

const run = (...args: readonly string[]) => call(args, reformerServices);
const config = () => put("tiny.json", JSON.stringify(tiny));
const bitsPerByte = (text: string): number => Number(/^([\d.]+) bits per byte/.exec(text)?.[1]);

await describeWithDevice("the program on WebGPU", () => {
  test(
    "trains; WASM goes on from there; both measure the same; it generates",
    async () => {
      const onGpu = ["--backend", "webgpu"];
      const training = ["train", "--config", config(), "--data", data, "--out", out];
      const trained = await run(...training, ...onGpu);
      expect([trained.err, trained.code]).toEqual(["", 0]);
      expect(trained.out).toMatch(/step 2\/2: \d\.\d{3} bits\/byte.*\n.*saved in .*step-00000002/s);
      const saved = readFileSync(join(out, "step-00000002", "config.json"), "utf8");
      // All 16 tokens at once, by the least chunk that there is; a processor would have 512.
      expect((JSON.parse(saved) as TrainConfig).model).toMatchObject({
        feedForwardChunk: 64,
        lossChunk: 64,
      });

      const range = ["--data", data, "--range", "0:32"];
      const measuring = ["eval", "--checkpoint", out, ...range];
      const measured = await run(...measuring, "--backend", "auto");
      expect([measured.err, measured.code]).toEqual(["", 0]);
      const expected = bitsPerByte((await run(...measuring)).out);
      expect(Math.abs(bitsPerByte(measured.out) - expected)).toBeLessThan(2e-4);

      const written = await run("generate", "--checkpoint", out, "--tokens", "2", ...onGpu);
      expect([written.err, written.code]).toEqual(["", 0]);
      expect(written.out.length).toBe(3);

      const resumed = await run(...training, "--resume", "--steps", "3");
      expect([resumed.err, resumed.code]).toEqual(["", 0]);
      expect(existsSync(join(out, "step-00000003"))).toBe(true);
    },
    patience,
  );

  test("a device that is lost is opened anew, once, and the run goes on from its last checkpoint", async () => {
    const devices: GPUDevice[] = [];
    let losses = 1;
    const services: Services = {
      ...toyServices(),
      startBackend: async () => {
        const device = await openDevice();
        const lost = device.lost.then(({ message }) => ({ reason: "unknown", message }));
        Object.defineProperty(device, "lost", { value: lost });
        devices.push(device);
        setBackend(await createWebGpuBackend({ device }));
        return { count: 1 };
      },
      createModel: (toyConfig) => {
        const model = toyModel(toyConfig);
        return {
          ...model,
          step: (state, batch, key) => {
            const { metrics, ...rest } = model.step(state as ToyState, batch, key);
            const loss = add(metrics.loss, 0) as Tensor;
            if (rest.state.optimizer.count.item() === 6 && losses-- > 0) devices.at(-1)?.destroy();
            return { ...rest, metrics: { ...metrics, loss } };
          },
        };
      },
    };
    const lost = await call(trainArgs(), services);
    expect(lost.code).toBe(0);
    expect(lost.err).toMatch(
      /^reformax: .*the backend webgpu is gone: .*: opened anew, going on from step 4\n$/,
    );
    expect(newest()).toEqual(whole);
    const steps = readFileSync(join(out, "metrics.jsonl"), "utf8").trim().split("\n");
    const told = steps.map((line) => (JSON.parse(line) as { step: number }).step);
    expect(told).toEqual([...Array.from({ length: 12 }, (_, i) => i + 1), 12]);

    losses = 2;
    const twice = await call(["train", "--data", data, "--out", `${out}-twice`], services);
    expectMessage(
      twice,
      /the backend webgpu is gone.*The last good checkpoint is .*step-00000004/s,
    );
  });

  test(
    "shows the time of kernels by the device's clock, beside the CPU's",
    async () => {
      const trace = join(folder, "trace.json");
      const chosen = ["--config", config(), "--steps", "1", "--backend", "webgpu"];
      // Which calls are slowest is the machine's affair: all of them are asked for.
      const args = [...chosen, "--top", "500", "--trace", trace];
      const { code, out: text, err } = await run("profile", ...args);
      expect([err, code]).toEqual(["", 0]);
      expect(text).toMatch(/^[\d.]+ ms a step on the device, of which [\d.]+ ms between kernels; /);
      expect(text).toMatch(/\d+ kernel calls a step of \d+ compiled kernels, .* in [\d.]+ ms; /);
      expect(text).toMatch(/By kernel\n +ms +share % +calls/);
      expect(text).toMatch(/ matmul +run\/feedForward\/\S*dotGeneral/);
      const { traceEvents } = JSON.parse(readFileSync(trace, "utf8")) as Trace;
      expect(traceEvents.filter(({ name }) => name === "trainStep")).toHaveLength(1);
      expect(traceEvents.filter(({ cat }) => cat === "matmul").length).toBeGreaterThan(10);
      expect(traceEvents.map(({ args: about }) => about.name)).toContain("device");
    },
    patience,
  );

  test(
    "verifies other people's numbers",
    async () => {
      const cases = join(folder, "cases");
      const name = "base_shorter_than_chunk";
      cpSync(join(import.meta.dirname, "../golden/huggingface", name), join(cases, name), {
        recursive: true,
      });
      const { code, out: text, err } = await run("verify", cases, "--backend", "webgpu");
      expect([err, code]).toEqual(["", 0]);
      expect(text).toMatch(/^PASS base_shorter_than_chunk \d\S*\n$/);
      expect(currentBackend().name).toBe("webgpu");
    },
    patience,
  );
});

test("what a device was tuned to stands with the run, which goes on with it wherever it computes", async () => {
  const heard: unknown[] = [];
  const asked: unknown[] = [];
  const tiles = { "64x64": "128x64" };
  const tuned: Services = {
    ...toyServices(),
    startBackend: async ({ products }) => {
      asked.push(products);
      setBackend(await init("reference"));
      const tune = async (known?: JsonObject): Promise<JsonObject> => {
        heard.push(known);
        return known ?? tiles;
      };
      return { count: 1, tune };
    },
  };
  const saved = (step: number): unknown =>
    JSON.parse(readFileSync(join(out, `step-0000000${step}`, "progress.json"), "utf8"));
  const gpu = ["--backend", "webgpu"];
  const begun = await call(trainArgs("--steps", "1", ...gpu, "--products", "f16"), tuned);
  expect(begun.code).toBe(0);
  expect(saved(1)).toMatchObject({ step: 1, tuning: tiles, products: "f16" });
  expect((await call(trainArgs("--steps", "2", "--resume", ...gpu), tuned)).code).toBe(0);
  expect(heard).toEqual([undefined, tiles]);
  expect(asked).toEqual(["f16", "f16"]);
  expect((await call(trainArgs("--steps", "3", "--resume"), toyServices())).code).toBe(0);
  expect(saved(3)).toMatchObject({ step: 3, tuning: tiles, products: "f16" });
});

describe("a choice of backend that cannot be", () => {
  test("WebGPU has neither threads nor relaxed arithmetic, and profiles no plain interpreter", async () => {
    const profile = ["profile", "--config", config(), "--backend"];
    expectMessage(
      await run(...profile, "webgpu", "--threads", "2"),
      /--threads: is for the kernels on the CPU.*got --backend webgpu/s,
    );
    expectMessage(
      await run(...profile, "auto", "--arithmetic", "relaxed"),
      /--backend: has strict arithmetic only.*got auto/s,
    );
    expectMessage(
      await run(...profile, "wasm", "--products", "f16"),
      /--products: is for graphics processors.*got --backend wasm/s,
    );
    expectMessage(await run(...profile, "reference"), /Allowed choices are wasm, webgpu, auto/, 2);
  });

  test("without an adapter it says what to write instead; auto computes on the CPU and says why", async () => {
    const gpu = { requestAdapter: () => Promise.resolve(null) };
    const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
    Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
    try {
      const training = ["train", "--config", config(), "--data", data, "--out", out];
      expectMessage(
        await run(...training, "--backend", "webgpu"),
        /webgpu: there is no WebGPU adapter.*or use `--backend wasm`/s,
      );
      const chosen = await run(...training, "--steps", "1", "--backend", "auto");
      expect([chosen.err, chosen.code]).toEqual(["", 0]);
      expect(chosen.out).toMatch(/\(webgpu: there is no WebGPU adapter/);
    } finally {
      if (before) Object.defineProperty(globalThis, "navigator", before);
      else Reflect.deleteProperty(globalThis, "navigator");
    }
  });
});
