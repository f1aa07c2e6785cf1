/** The program with `--backend webgpu`, on a Reformer of one layer: a driver for CPUs compiles slowly. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reformerServices } from "../../src/cli/reformer-services.ts";
import type { Trace } from "../../src/cli/profile/trace.ts";
import { describeWithDevice } from "../support/webgpu-device.ts";
import { call, data, expectMessage, folder, out, put } from "./harness.ts";

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

  test(
    "shows the time of kernels by the device's clock, beside the CPU's",
    async () => {
      const trace = join(folder, "trace.json");
      const args = ["--config", config(), "--steps", "1", "--backend", "webgpu", "--trace", trace];
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
