import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import { createWasmBackend, nodeThreads } from "../../src/backends/wasm/index.ts";
import { dispose, init, jit, synchronize, type Backend, type Value } from "../../src/index.ts";
import { setBackend } from "../../src/ir/backend.ts";
import * as np from "../../src/numpy/index.ts";
import { f32 } from "../support/arrays.ts";

afterEach(() => dispose());

describe.each(["reference", "wasm"] as const)("the backend %s", (name) => {
  it("is always done", async () => {
    await init(name);
    np.add(f32([2], [1, 2]), 1);
    await expect(synchronize()).resolves.toBeUndefined();
  });

  it("refuses everything once it is disposed of; arrays remain", async () => {
    const backend = await init(name);
    const f = jit((x: Value) => np.mul(np.add(x, 1), 2), { name: "f" });
    const x = np.add(f32([2], [1, 2]), 1);
    const { report } = f.lower(x);
    expect(report.backend).toBe(name);
    f(x);
    await dispose();
    await expect(backend.lost).resolves.toEqual({
      reason: "disposed",
      message: expect.any(String),
    });
    expect(x.toArray()).toEqual([2, 3]);
    expect(() => np.add(x, 1)).toThrow("no backend is selected");
    await expect(synchronize()).rejects.toThrow("no backend is selected");
    setBackend(backend);
    const gone = `the backend ${name} is gone: it was disposed of`;
    expect(() => f(x)).toThrow(`f: ${gone}`);
    expect(() => np.sin(x)).toThrow(gone);
    await expect(synchronize()).rejects.toThrow(`synchronize: ${gone}`);
    await init(name);
    expect(f(x).toArray()).toEqual([6, 8]);
  });

  it("may be disposed of twice, and where there is none nothing happens", async () => {
    const backend = await init(name);
    await backend.dispose();
    await backend.dispose();
    await dispose();
    await dispose();
  });
});

it("disposing of wasm ends its threads", async () => {
  const running = new Set<Worker>();
  class Counted extends Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      running.add(this);
      this.on("exit", () => running.delete(this));
    }
  }
  const threadSource = nodeThreads({ Worker: Counted });
  const backend: Backend = await createWasmBackend({ threads: 3, threadSource });
  expect([running.size, backend.threads.count]).toEqual([2, 3]);
  const ended = [...running].map((worker) => new Promise((resolve) => worker.on("exit", resolve)));
  await backend.dispose();
  await Promise.all(ended);
  expect(running.size).toBe(0);
});
