import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  createWasmBackend,
  nodeThreads,
  probeThreads,
  type RunProfile,
  type ThreadSource,
} from "../../../src/backends/wasm/index.ts";
import { chooseThreads } from "../../../src/backends/wasm/threads/count.ts";
import { threadsFromEnvironment } from "../../../src/backends/wasm/threads/support.ts";
import { addInLoop, always, counted, counting } from "./shared-loop.ts";

afterEach(() => {
  vi.unstubAllGlobals();
});

/** Node's workers, which begin with some code. */
const beginningWith = (before: string): ThreadSource =>
  nodeThreads({
    Worker: class extends Worker {
      constructor(code: string, options: ConstructorParameters<typeof Worker>[1]) {
        super(before + code, options);
      }
    },
  });

describe("threads that do not come", () => {
  const sources: Readonly<Record<string, ThreadSource>> = {
    "cannot be started: no more workers": {
      start: () => {
        throw new Error("no more workers");
      },
    },
    "its file is gone": {
      start: (_, lost) => {
        setTimeout(() => lost("its file is gone"), 1);
        return { stop: () => undefined };
      },
    },
    "a worker failed: ReferenceError: WebAssembly is not defined": beginningWith(
      "delete globalThis.WebAssembly;",
    ),
    "a worker ended": beginningWith("process.exit(0);"),
  };

  it.each(Object.entries(sources))(
    "leave the work to the caller: %s",
    async (why, threadSource) => {
      const seen: number[] = [];
      const profile = { onRun: ({ threads }: RunProfile) => seen.push(threads) };
      const begin = performance.now();
      const backend = await createWasmBackend({ ...always, threadSource, profile });
      // Not the ten seconds after which a silent thread is given up.
      expect(performance.now() - begin).toBeLessThan(5000);
      const reason: unknown = expect.stringContaining(why);
      expect(backend.threads).toEqual({ count: 1, reason });
      const [end] = backend.compile(addInLoop(3)).run([counting()], [], "test");
      expect([...end.words()]).toEqual(counted(3));
      expect(seen).toEqual([1]);
      expect(await probeThreads({ threads: 2, threadSource })).toEqual({ count: 1, reason });
    },
  );

  it("without shared memory there is one, and a page is told what it needs", async () => {
    vi.stubGlobal("SharedArrayBuffer", undefined);
    const reason: unknown = expect.stringContaining("a page needs cross-origin isolation");
    const backend = await createWasmBackend({ threads: 2 });
    expect(backend.threads).toEqual({ count: 1, reason });
    expect(await probeThreads({ threads: 1 })).toEqual({ count: 1 });
  });
});

describe("the number of threads", () => {
  const none = (): undefined => undefined;

  it("is the caller's, else the environment's, else that of the cores", () => {
    expect(chooseThreads(3, () => "5", 8)).toBe(3);
    expect(chooseThreads(undefined, () => " 5 ", 8)).toBe(5);
    expect(chooseThreads(undefined, () => "", 8)).toBe(8);
    expect(chooseThreads(undefined, none, 128)).toBe(32);
    expect(chooseThreads(undefined, none, 0)).toBe(1);
  });

  it("leaves the environment alone if the caller says it", () => {
    const asks = (): never => {
      throw new Error("a question to the user");
    };
    expect(chooseThreads(3, asks, 8)).toBe(3);
  });

  it("is not in an environment that may not be read", () => {
    const get = (): never => {
      throw new Error('Requires env access to "REFORMAX_THREADS"');
    };
    vi.stubGlobal("process", { env: new Proxy({}, { get }) });
    expect(threadsFromEnvironment()).toBeUndefined();
  });

  it.each([0, 33, 1.5, -1, NaN])("is not %d", async (threads) => {
    await expect(createWasmBackend({ threads })).rejects.toThrow(
      `threads: invalid number of threads: expected a whole number from 1 to 32, got ${threads}`,
    );
  });

  it.each(["0", "33", "two", "1.5", "-1", "0x2"])("is not %s in the environment", (text) => {
    expect(() => chooseThreads(undefined, () => text, 8)).toThrow(
      `REFORMAX_THREADS: invalid number of threads: expected a whole number from 1 to 32, got "${text}"`,
    );
  });
});
