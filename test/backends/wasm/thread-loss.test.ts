/* Threads that somebody ends while a backend is in use. */
import { setImmediate } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { createWasmBackend, nodeThreads } from "../../../src/backends/wasm/index.ts";
import { BackendError } from "../../../src/core/errors.ts";
import { addInLoop, always, counted, counting } from "./shared-loop.ts";

/** A backend on three threads, and its workers. */
async function backendAndWorkers() {
  const workers: Worker[] = [];
  const threadSource = nodeThreads({
    Worker: class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        workers.push(this);
      }
    },
  });
  const backend = await createWasmBackend({ ...always, threadSource });
  expect([backend.threads, workers.length]).toEqual([{ count: 3 }, 2]);
  return { backend, workers };
}

it("between runs they leave one thread and a reason", async () => {
  const { backend, workers } = await backendAndWorkers();
  const executable = backend.compile(addInLoop(20));
  executable.run([counting()], [], "test");
  await workers[1].terminate();
  await setImmediate();
  expect(backend.threads).toEqual({ count: 1, reason: "a worker ended" });
  expect([...executable.run([counting()], [], "test")[0].words()]).toEqual(counted(20));
});

it("are missed within seconds by a run that began before anybody heard of it", async () => {
  const { backend, workers } = await backendAndWorkers();
  const executable = backend.compile(addInLoop(20));
  const x = counting();
  executable.run([x], [], "test");
  void workers[1].terminate();
  const begin = performance.now();
  expect(() => executable.run([x], [true], "test")).toThrow(BackendError);
  expect(performance.now() - begin).toBeLessThan(5000);
  const reason: unknown = expect.stringContaining("does not answer");
  expect(backend.threads).toEqual({ count: 1, reason });
  expect([...executable.run([x], [], "test")[0].words()]).toEqual(counted(20));
});
