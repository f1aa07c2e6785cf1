import { beforeAll, describe, expect, it } from "vitest";
import {
  createWasmBackend,
  type Faults,
  type RunProfile,
} from "../../../src/backends/wasm/index.ts";
import { avalOf } from "../../../src/core/aval.ts";
import { BackendError } from "../../../src/core/errors.ts";
import { tensorFrom, type Tensor } from "../../../src/core/tensor.ts";
import type { Backend } from "../../../src/ir/backend.ts";
import * as ops from "../../support/plan-primitives.ts";
import { scalar, writeProgram } from "../../support/write-program.ts";
import { addInLoop, always, counted, counting } from "./shared-loop.ts";

describe("a run on several threads", () => {
  let faults: Faults = {};
  let runs: RunProfile[] = [];
  let backend: Backend;

  beforeAll(async () => {
    const profile = { onRun: (run: RunProfile) => runs.push(run) };
    backend = await createWasmBackend({ ...always, profile, faults: () => faults });
  });

  it("does what one thread does", () => {
    runs = [];
    const [end, total] = backend.compile(addInLoop(1000)).run([counting()], [], "test");
    expect([...end.words()]).toEqual(counted(1000));
    expect(total.item()).toBe(counted(1000).reduce((a, b) => a + b));
    expect(runs.map(({ threads }) => threads)).toEqual([3]);
  });

  it("meets 200,000 times", () => {
    const crossings = 200_000;
    runs = [];
    const [end] = backend.compile(addInLoop(crossings)).run([counting()], [], "test");
    expect([...end.words()]).toEqual(counted(crossings));
    const [{ shares, steps }] = runs;
    const shared = steps.reduce((sum, { calls }) => sum + calls, 0);
    expect(shares.reduce((a, b) => a + b)).toBe(3 * shared);
    // Who does how many is chance, but nobody does none of so many.
    expect(Math.min(...shares)).toBeGreaterThan(0);
  });

  it("keeps to one thread where it does not pay", async () => {
    const seen: number[] = [];
    const profile = { onRun: ({ threads }: RunProfile) => seen.push(threads) };
    const usual = await createWasmBackend({ threads: 2, profile });
    usual.compile(addInLoop(2)).run([counting()], [], "test");
    expect([usual.threads, seen]).toEqual([{ count: 2 }, [1]]);
  });

  it("runs host steps once, in order, and passes their errors on", () => {
    const seen: unknown[] = [];
    let fail = false;
    const body = writeProgram([[2]], (w, carry) => {
      const run = ([tensor]: readonly Tensor[]): void => {
        if (fail) throw new Error("the printer is out of paper");
        seen.push(tensor.toArray());
      };
      w.push(ops.print, [carry], { run }, [], "");
      return [w.apply(ops.add, [carry, w.view(scalar(1), [2], [0])])];
    });
    const executable = backend.compile(writeProgram([[2]], (w, x) => w.scan(body, 3, [], [x])));
    const x = tensorFrom("f32", [2], Float32Array.of(0, 5));
    const expected = [
      [0, 5],
      [1, 6],
      [2, 7],
    ];
    executable.run([x], [], "test");
    expect(seen).toEqual(expected);
    fail = true;
    expect(() => executable.run([x], [true], "test")).toThrow("the printer is out of paper");
    fail = false;
    executable.run([x], [true], "test");
    expect(seen).toEqual([...expected, ...expected]);
  });

  it.each([0, 1, 2])("says where thread %i trapped, and goes on", (thread) => {
    runs = [];
    const executable = backend.compile(addInLoop(20));
    const x = counting();
    executable.run([x], [], "first");
    for (const name of ["body/add", "total/reduceSum"]) {
      const step = runs[0].steps.find((time) => time.step.name === name)?.start ?? -1;
      expect(step).toBeGreaterThanOrEqual(0);
      faults = { trap: { thread, step } };
      const begin = performance.now();
      const run = (): unknown => executable.run([x], [true], "train");
      expect(run).toThrow(BackendError);
      expect(run).toThrow(/^train: a kernel failed: .*unreachable.*: got \w+ in /i);
      expect(run).toThrow(` in ${name}`);
      // Three times, on a machine that may be busy: not the ten seconds of a thread given up.
      expect(performance.now() - begin).toBeLessThan(9000);
      faults = {};
      expect([...x.words()]).toEqual([...counting().words()]);
      expect(executable.run([x], [], "again")[0].words()[0]).toBe(20);
    }
  });

  it("waits for threads that dawdle", () => {
    const executable = backend.compile(addInLoop(50));
    for (let seed = 1; seed <= 10; seed++) {
      faults = { delaySeed: seed };
      const [end] = executable.run([counting()], [], "test");
      expect([...end.words()]).toEqual(counted(50));
    }
    faults = {};
  });

  it("decides alike on all threads", () => {
    // Halves until it is below one, and looks at the value right after it was overwritten.
    const less = writeProgram([[]], (w, x) => [w.apply(ops.less, [scalar(1), x])]);
    const half = writeProgram([[]], (w, x) => [w.apply(ops.mul, [x, scalar(0.5)])]);
    const params = { condition: less, body: half, numConditionConsts: 0, numBodyConsts: 0 };
    const program = writeProgram([[]], (w, x) =>
      w.push(ops.whileLoop, [x], params, [avalOf("f32", [])], ""),
    );
    const executable = backend.compile(program);
    for (let seed = 0; seed < 20; seed++) {
      faults = { delaySeed: seed };
      const start = 2 ** (seed % 7) * 1.5;
      const [end] = executable.run([tensorFrom("f32", [], Float32Array.of(start))], [], "test");
      expect(end.item()).toBe(0.75);
    }
    faults = {};
  });
});
