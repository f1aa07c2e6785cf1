/** What happens to arrays on WebGPU: order, donation, moves, memory, limits, loss. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createWebGpuBackend, type WebGpuBackend } from "../../../src/backends/webgpu/index.ts";
import {
  BackendError,
  debug,
  dispose,
  init,
  jit,
  scan,
  scope,
  synchronize,
  Tensor,
  toHost,
  whileLoop,
  type Backend,
  type Value,
} from "../../../src/index.ts";
import { setBackend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import { finish, train, type Task } from "../../../src/training/index.ts";
import { f32 } from "../../support/arrays.ts";
import { startDevice } from "../../support/device/start.ts";
import { openWebGpu } from "../../support/webgpu-backend.ts";
import { describeWithDevice, openDevice } from "../../support/webgpu-device.ts";

const tensor = (value: Value): Tensor => {
  if (value instanceof Tensor) return value;
  throw new TypeError("no tensor");
};
const placed = (words: readonly number[]): Tensor => tensor(np.add(f32([words.length], words), 0));
const double = jit((x: Value) => np.multiply(x, 2), { name: "double", donateArgnums: [0] });

await describeWithDevice("runs on WebGPU", () => {
  describe("on one device", () => {
    let gpu: Backend;
    beforeAll(async () => {
      gpu = await openWebGpu();
    });
    afterAll(() => gpu.dispose());
    beforeEach(() => setBackend(gpu));

    it("return before they are done, and happen in order", async () => {
      let x = placed([1, -1]);
      const first = placed([5]);
      expect(() => x.words()).toThrow("the elements are on webgpu");
      for (let i = 0; i < 20; i++) x = tensor(double(x));
      expect([...(await x.data())]).toEqual([2 ** 20, -(2 ** 20)]);
      expect([...(await first.data())]).toEqual([5]);
    });

    it("take over what is donated", async () => {
      const x = placed([1, 2]);
      const read = x.data();
      const y = double(x);
      expect(x.isDonated).toBe(true);
      expect(() => double(x)).toThrow("double: this tensor was donated");
      expect([...(await read)]).toEqual([1, 2]);
      expect([...(await y.data())]).toEqual([2, 4]);
    });

    it("take empty arrays, and arrays of the host as they are at the call", async () => {
      const empty = np.multiply(f32([0, 3], []), 2);
      expect(await toHost(np.sum(empty, 0)).then((sum) => tensor(sum).toArray())).toEqual([
        0, 0, 0,
      ]);
      const x = f32([2], [1, 2]);
      const words = x.words();
      const y = np.multiply(x, 2);
      x.donate("another backend");
      words.fill(100);
      expect([...(await y.data())]).toEqual([2, 4]);
    });

    it("bring arrays of another device over, and give theirs away", async () => {
      const other = await startDevice("reference", "other");
      const theirs = placed([1, 2]);
      setBackend(gpu);
      const ours = np.multiply(theirs, 3);
      expect(tensor(ours).place).toBe("webgpu");
      setBackend(other);
      expect([...(await np.add(ours, theirs).data())]).toEqual([4, 8]);
      await other.dispose();
      setBackend(await init("wasm"));
      expect(() => np.add(ours, 1)).toThrow("the elements are on webgpu");
      expect(tensor(np.add(await toHost(ours), 1)).toArray()).toEqual([4, 7]);
    });

    it("say what is slow to write down, and refuse what is far too much, before they run", () => {
      const repeat = (length: number) =>
        jit((x: Value) => scan((c: Value) => [np.cumsum(c), null], x, null, { length })[0]);
      const x = f32([2], [1, 2]);
      expect(repeat(100).lower(x).report.warnings).toBeUndefined();
      expect(repeat(60_000).lower(x).report.warnings?.join()).toMatch(
        /one run takes \d{5,6} kernel calls.*raise feedForwardChunk/s,
      );
      expect(() => repeat(300_000).lower(x)).toThrow(/too many kernel calls.*at most 250000/s);
    });

    it("refuse a program that no buffer holds, before it runs", () => {
      const big = jit((x: Value) => np.cumsum(np.add(np.zeros([2 ** 29]), x)), { name: "big" });
      expect(() => big(f32([], [1]))).toThrow(
        /the program needs more memory than a buffer of the device has: expected at most \d+ bytes/,
      );
    });
  });

  describe("that are over", () => {
    let gpu: WebGpuBackend;
    beforeAll(async () => {
      gpu = await openWebGpu();
    });
    afterAll(() => gpu.dispose());
    beforeEach(() => setBackend(gpu));
    const kilobyte = Array.from({ length: 256 }, (_, i) => i);
    const used = (): number => gpu.memory.usedBytes;

    it("free what is released, bytes for bytes, and what was brought from the host with it", async () => {
      const before = used();
      const x = f32([256], kilobyte);
      const y = tensor(jit((a: Value) => np.add(a, 1))(x));
      expect(used() - before).toBe(2048);
      const read = y.data();
      y.release();
      await synchronize();
      expect(used() - before).toBe(1024);
      x.release();
      expect(used()).toBe(before);
      expect((await read)[255]).toBe(256);
      expect(() => np.add(y, 1)).toThrow("release: this tensor was released");
      await expect(y.data()).rejects.toThrow("got f32[256]");
    });

    it("free what a call takes over, and its copy on the device", () => {
      const before = used();
      const y = double(f32([256], kilobyte));
      expect(used() - before).toBe(1024);
      y.release();
      expect(used()).toBe(before);
    });

    it("compute with what is released while they wait for the host", async () => {
      const x = tensor(np.add(f32([], [3]), 0));
      const slow = jit((a: Value) =>
        whileLoop(
          (c) => np.less(c, 100),
          (c) => np.multiply(c, 2),
          a,
        ),
      );
      const y = tensor(slow(x));
      x.release();
      const z = tensor(np.add(y, 1));
      y.release();
      expect([...(await z.data())]).toEqual([193]);
    });

    it("hold no more after a thousand operations in scopes than after one", async () => {
      let x = placed(kilobyte);
      const held: number[] = [];
      for (let i = 0; i < 1000; i++) {
        const before = x;
        x = tensor(scope(() => np.multiply(np.add(before, 1), 0.5)));
        before.release();
        held.push(used());
      }
      expect(Math.max(...held)).toBe(held[0]);
      expect((await x.data())[0]).toBe(1);
      x.release();
    });

    it("of a training loop hold no more after a thousand steps than after ten", async () => {
      const step = jit((w: Value) => [np.multiply(np.add(w, 1), 0.5), np.sum(w)] as const, {
        donateArgnums: [0],
      });
      const task: Task<Value> = {
        name: "halves",
        init: () => placed(kilobyte),
        batch: () => null,
        step: (state) => {
          const [next, total] = step(state);
          return { state: next, metrics: { total } };
        },
        metrics: [{ name: "total", digits: 1, role: "loss" }],
      };
      const held: number[] = [];
      const { state } = await finish(train({ task, steps: 1000 }), () => void held.push(used()));
      expect(Math.max(...held)).toBe(Math.max(...held.slice(0, 10)));
      tensor(state).release();
    });

    it("find NaNs in arguments that are released at once", async () => {
      debug.nans(true);
      try {
        const x = placed([0]);
        const y = jit((a: Value) => np.log(np.subtract(a, 1)), { name: "logs" })(x);
        x.release();
        for (let i = 0; i < 4; i++) placed([5]);
        await expect(y.data()).rejects.toThrow("log: the result holds NaN");
      } finally {
        debug.nans(false);
      }
    });
  });

  describe("on devices that end", () => {
    let unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    beforeEach(() => {
      unhandled = [];
      process.on("unhandledRejection", note);
    });
    afterEach(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      process.off("unhandledRejection", note);
      expect(unhandled).toEqual([]);
    });

    it("hold no more after a thousand steps than after ten", async () => {
      const gpu = await openWebGpu();
      setBackend(gpu);
      let x = placed(Array.from({ length: 1000 }, (_, i) => i));
      const held: number[] = [];
      const step = jit((a: Value) => np.multiply(np.add(a, 1), 0.5), { donateArgnums: [0] });
      for (let i = 0; i < 1000; i++) {
        x = tensor(step(x));
        if (i === 10 || i === 999) {
          await synchronize();
          held.push(gpu.memory.usedBytes + gpu.memory.freeBytes + gpu.memory.arenaBytes);
        }
      }
      expect(held[1]).toBe(held[0]);
      await dispose();
    });

    it("are told of the loss, by runs and by reads that wait", async () => {
      const device = await openDevice();
      const backend = await createWebGpuBackend({ device });
      setBackend(backend);
      const x = placed([1]);
      await x.data();
      const reads = Promise.allSettled([x.data(), double(placed([2])).data()]);
      device.destroy();
      for (const read of await reads) {
        expect(read.status).toBe("rejected");
        expect(String((read as PromiseRejectedResult).reason)).toContain(
          "the backend webgpu is gone",
        );
      }
      await expect(backend.lost).resolves.toMatchObject({ reason: "disposed" });
      expect(() => double(x)).toThrow("double: the backend webgpu is gone");
      await expect(synchronize()).rejects.toThrow("synchronize: the backend webgpu is gone");
    });

    it("ask after every run when they are told to check", async () => {
      const device = await openDevice();
      const scopes: string[] = [];
      const push = device.pushErrorScope.bind(device);
      device.pushErrorScope = (filter) => {
        scopes.push(filter);
        push(filter);
      };
      for (const [check, expected] of [
        [false, 2],
        [true, 4],
      ] as const) {
        scopes.length = 0;
        setBackend(await createWebGpuBackend({ device, check }));
        const twice = jit((x: Value) => np.multiply(x, 2));
        for (const x of [1, 2]) expect([...(await twice(f32([1], [x])).data())]).toEqual([2 * x]);
        expect(scopes.length).toBe(expected);
      }
      await dispose();
    });

    it("finish what was started when they are disposed of", async () => {
      setBackend(await openWebGpu());
      const read = double(placed([21])).data();
      await dispose();
      await expect(read).resolves.toEqual(Float32Array.of(42));
    });

    it("say which line of a kernel the device does not understand", async () => {
      const device = await openDevice();
      const compile = device.createShaderModule.bind(device);
      device.createShaderModule = (descriptor) =>
        compile({
          ...descriptor,
          code: descriptor.code.replace("set_y0(job, t,", "set_y0(job, t t,"),
        });
      setBackend(await createWebGpuBackend({ device }));
      const y = np.add(f32([1], [1]), 1);
      await expect(y.data()).rejects.toThrow(BackendError);
      await expect(np.multiply(y, 2).data()).rejects.toThrow(
        /the device refused the program: got elementwise.*line \d+/s,
      );
      await expect(synchronize()).rejects.toThrow("the device refused the program");
      await dispose();
    });
  });
});

it.each([
  [{ powerPreference: "fast" }, 'expected "low-power"'],
  [{ arithmetic: "strict" }, 'expected "exact"'],
  [{ check: 1 }, "check"],
  [{ windowBytes: 100 }, "windowBytes is no such number of bytes: expected a multiple of 256, got"],
  [{ windowBytes: NaN }, "windowBytes"],
  [{ windowBytes: "1MiB" }, "windowBytes"],
  [{ spareBytes: -1 }, "spareBytes"],
  [{ products: "f64" }, 'expected "f32"'],
  [{ tiles: { "64x64": "1x1" } }, 'expected "64x64"'],
  [{ quadsFrom: 0.5 }, "quadsFrom is no such number"],
  [{ profile: {} }, "profile"],
  [{ profile: { onRun: 1 } }, "onRun"],
  [{ windowbytes: 256 }, 'there is no option "windowbytes"'],
  ["fast", "the options are not an object"],
  [{ device: {} }, "this is no WebGPU device"],
])("the options %j are refused before anything is opened", async (options, message) => {
  await expect(createWebGpuBackend(options as never)).rejects.toThrow(message);
  const reason = init("webgpu", options as never).catch(String);
  expect(await reason).toContain(message);
});

it("without an adapter there is an error that says what was looked for, and `auto` goes on with WASM", async () => {
  const none = { requestAdapter: () => Promise.resolve(null) };
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu: none }, configurable: true });
  try {
    await expect(init("webgpu")).rejects.toThrow(
      "webgpu: there is no WebGPU adapter: expected a graphics processor",
    );
    const { name, fallback } = await init("auto");
    expect(name).toBe("wasm");
    expect(fallback).toContain("there is no WebGPU adapter");
  } finally {
    if (before) Object.defineProperty(globalThis, "navigator", before);
    else Reflect.deleteProperty(globalThis, "navigator");
  }
});
