/* What stays in the arena from one call to the next: what is copied, what is read, who makes room, and who is forgotten. */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { createWasmBackend, type WasmOptions } from "../../../src/backends/wasm/index.ts";
import { ArenaMemory } from "../../../src/backends/wasm/memory.ts";
import type { Words } from "../../../src/core/dtype.ts";
import { scalarTensor, tensorFrom, type Tensor } from "../../../src/core/tensor.ts";
import type { Value } from "../../../src/core/value.ts";
import { jit, makeProgram } from "../../../src/index.ts";
import { setBackend, type Backend } from "../../../src/ir/backend.ts";
import * as np from "../../../src/numpy/index.ts";
import { highArena } from "../../support/high-arena.ts";
import * as ops from "../../support/plan-primitives.ts";
import { writeProgram } from "../../support/write-program.ts";

const size = 1 << 14;
const bytes = 4 * size;

const filled = (value: number, length = size): Tensor =>
  tensorFrom("f32", [length], new Float32Array(length).fill(value));

const first = (tensor: Tensor): number => tensor.words()[0];

/** What stays may be as small as it likes. */
const eager: WasmOptions = { threads: 1, smallest: { step: 16384, run: 0.2, copy: 0 } };

/** state + gradient, and the gradient's sum. */
const step = writeProgram([[size], [size]], (w, state, gradient) => [
  w.apply(ops.reduceSum, [gradient], { axes: [0] }),
  w.apply(ops.add, [state, gradient]),
]);

/** Its input, and a frame of nine times the size. */
const broad = writeProgram([[9 * size]], (w, x) => [w.apply(ops.neg, [x])]);

let write: MockInstance<ArenaMemory["write"]>;
let read: MockInstance<ArenaMemory["read"]>;

beforeEach(() => {
  write = vi.spyOn(ArenaMemory.prototype, "write");
  read = vi.spyOn(ArenaMemory.prototype, "read");
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** Bytes of arrays that went in and out since the last question. */
function copied(): { readonly in: number; readonly out: number } {
  const sum = (calls: readonly (readonly [number, Words])[]): number =>
    calls.reduce((all, [, words]) => all + (words.length >= size ? words.byteLength : 0), 0);
  const result = { in: sum(write.mock.calls), out: sum(read.mock.calls) };
  write.mockClear();
  read.mockClear();
  return result;
}

/** After so many steps. */
function train(backend: Backend, steps: number): { state: Tensor; next: () => Tensor } {
  const executable = backend.compile(step);
  const gradient = filled(1);
  let state = filled(0);
  const next = (): Tensor => {
    [, state] = executable.run([state, gradient], [true, false], "step");
    return state;
  };
  for (let i = 0; i < steps; i++) next();
  return { state, next };
}

describe("donated results that come back, and arrays that come again", () => {
  it("are copied no more", async () => {
    const { next } = train(await createWasmBackend(eager), 0);
    next();
    expect(copied()).toEqual({ in: 2 * bytes, out: bytes });
    next();
    // For the last time, to where they stay.
    expect(copied()).toEqual({ in: 2 * bytes, out: 0 });
    for (let i = 3; i <= 10; i++) next();
    expect(copied()).toEqual({ in: 0, out: 0 });
    const state = next();
    expect(state.place).toBe("wasm");
    expect([...new Set(state.words())]).toEqual([11]);
    expect(copied()).toEqual({ in: 0, out: bytes });
    // Read once, copied once; what was read stays as it was.
    const words = state.words();
    expect(copied().out).toBe(0);
    next();
    expect([words[0], first(next()), state.isDonated]).toEqual([11, 13, true]);
    await expect(next().data()).resolves.toEqual(new Float32Array(size).fill(14));
  });

  it("stay once so much was copied that another plan pays", async () => {
    const small = writeProgram([[8]], (w, x) => [w.apply(ops.neg, [x])]);
    const backend = await createWasmBackend({ threads: 1 });
    const executable = backend.compile(small);
    const x = filled(1, 8);
    for (let i = 0; i < 100; i++) executable.run([x], [], "small");
    expect(executable.report.residentBytes).toBe(0);
    const twice = (await createWasmBackend(eager)).compile(step);
    const both = filled(1);
    twice.run([both, both], [], "twice");
    expect(twice.report.residentBytes).toBe(0);
    const large = backend.compile(step);
    const [state, gradient] = [filled(0), filled(1)];
    const seen = Array.from({ length: 20 }, () => {
      large.run([state, gradient], [], "step");
      return large.report.residentBytes;
    });
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(2 * bytes);
  });

  it("are in the report: the state, its successor, the gradient", async () => {
    const executable = (await createWasmBackend(eager)).compile(step);
    const before = executable.report.peakBytes;
    expect(executable.report.plan).not.toContain("at parameter");
    const [, state] = executable.run([filled(0), filled(1)], [true, true], "step");
    executable.run([state, filled(1)], [true, true], "step");
    const { report } = executable;
    expect(report.residentBytes).toBe(2 * bytes);
    expect(report.peakBytes).toBeGreaterThanOrEqual(before);
    expect(report.plan).toMatch(/^inputs {2}f32\[16384\] at parameter0\+0, f32\[16384\] at frame/);
    expect(report.largest.map(({ name }) => name)).toContain("result 1");
  });

  it("are those of other executables, too, without a way over the host", async () => {
    const backend = await createWasmBackend(eager);
    const { state } = train(backend, 4);
    copied();
    const sum = writeProgram([[size]], (w, x) => [w.apply(ops.reduceSum, [x], { axes: [0] })]);
    const executable = backend.compile(sum);
    for (let i = 0; i < 3; i++) expect(executable.run([state], [], "sum")[0].item()).toBe(4 * size);
    expect(copied()).toEqual({ in: 0, out: 0 });
    const other = await createWasmBackend(eager);
    expect(other.compile(sum).run([state], [true], "sum")[0].item()).toBe(4 * size);
    expect(state.isDonated).toBe(true);
  });

  it("are results of their own when they are not given away", async () => {
    const backend = await createWasmBackend(eager);
    const { state } = train(backend, 3);
    const executable = backend.compile(step);
    const gradient = filled(1);
    const all = Array.from({ length: 5 }, () => executable.run([state, gradient], [], "step")[1]);
    expect([state, ...all].map(first)).toEqual([3, 4, 4, 4, 4, 4]);
    expect(all.map(({ place }) => place)).toEqual(all.map(() => "host"));
  });
});

it("a scalar that stays is a number to those who trace with it, as any other", async () => {
  setBackend(await createWasmBackend(eager));
  const count = jit((n) => np.add(n, 1), { donateArgnums: [0] });
  let n: Value = scalarTensor(0, "f32");
  for (let i = 0; i < 4; i++) n = count(n);
  expect((n as Tensor).place).toBe("wasm");
  const { inputs, equations } = makeProgram((x) => np.mul(x, n))(filled(1));
  expect(inputs).toHaveLength(1);
  expect(JSON.stringify(equations)).toContain('"kind":"literal","value":4');
});

describe("what stays makes room", () => {
  it("for a frame that needs its place, and comes back", async () => {
    const backend = await createWasmBackend(eager);
    const { next } = train(backend, 4);
    const state = next();
    copied();
    backend.compile(broad).run([filled(0, 9 * size)], [], "broad");
    // The state alone: its gradient is on the host, and its successor's place is empty.
    expect(copied()).toEqual({ in: 9 * bytes, out: 10 * bytes });
    expect([state.place, first(state)]).toEqual(["host", 5]);
    expect(first(next())).toBe(6);
    next();
    copied();
    // Behind the larger frame there is peace.
    backend.compile(broad).run([filled(0, 9 * size)], [], "broad");
    expect(copied()).toEqual({ in: 9 * bytes, out: 9 * bytes });
    expect(first(next())).toBe(8);
    expect(copied().in).toBe(0);
  });

  it("where there is no room it does not stay, and nothing else changes", async () => {
    // A state and a gradient fit in, a successor beside them does not.
    const backend = await createWasmBackend({ ...eager, arenaBase: 2 ** 32 - 2.5 * bytes });
    const { next } = train(backend, 8);
    const state = next();
    expect([state.place, first(state)]).toEqual(["host", 9]);
    const high = train(await createWasmBackend({ ...eager, arenaBase: highArena }), 8);
    expect([high.state.place, first(high.state)]).toEqual(["wasm", 8]);
  });

  it("when a run fails, inputs are intact", async () => {
    let fail = false;
    const printing = writeProgram([[size], [size]], (w, state, gradient) => {
      const sum = w.apply(ops.add, [state, gradient]);
      const run = (): void => {
        if (fail) throw new Error("out of paper");
      };
      w.push(ops.print, [sum], { run }, [], "");
      return [sum];
    });
    const executable = (await createWasmBackend(eager)).compile(printing);
    const gradient = filled(1);
    let state = filled(0);
    const next = (): readonly Tensor[] => executable.run([state, gradient], [true, false], "step");
    for (let i = 0; i < 4; i++) [state] = next();
    fail = true;
    for (let i = 0; i < 3; i++) expect(next).toThrow("out of paper");
    expect([state.isDonated, first(state)]).toEqual([false, 4]);
    fail = false;
    [state] = next();
    expect(first(state)).toBe(5);
  });

  it("when the backend is disposed of, and can still be read", async () => {
    const backend = await createWasmBackend(eager);
    const { state } = train(backend, 4);
    expect(state.place).toBe("wasm");
    await backend.dispose();
    expect([state.place, first(state)]).toEqual(["host", 4]);
  });
});

describe("state that may be overwritten", () => {
  it("is updated where it lies, without a second block", async () => {
    const backend = await createWasmBackend(eager);
    const [safe, overwriting] = [false, true].map((overwrite) =>
      backend.compile(step, { overwrite }),
    );
    const gradient = filled(1);
    for (const executable of [safe, overwriting]) {
      let state = filled(0);
      for (let i = 0; i < 8; i++) {
        [, state] = executable.run([state, gradient], [true, false], "step");
      }
      expect(first(state)).toBe(8);
    }
    const [beside, inPlace] = [safe, overwriting].map(({ report }) => report.residentBytes ?? 0);
    expect(beside - inPlace).toBe(bytes);
  });

  it("is left alone where it is not donated, or given twice", async () => {
    const backend = await createWasmBackend(eager);
    const executable = backend.compile(step, { overwrite: true });
    const gradient = filled(1);
    let state = filled(0);
    for (let i = 0; i < 8; i++) {
      [, state] = executable.run([state, gradient], [true, false], "step");
    }
    const [, kept] = executable.run([state, gradient], [false, false], "step");
    expect([first(kept), first(state)]).toEqual([9, 8]);
    const [, twice] = executable.run([state, state], [true, false], "step");
    expect(first(twice)).toBe(16);
  });
});

describe("what nobody holds any more", () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;

  /** Until finalizers had their turn. */
  const collected = async (): Promise<void> => {
    for (let i = 0; i < 10; i++) {
      collect();
      await setImmediate();
    }
  };

  it("goes nowhere when others need the place", async () => {
    const backend = await createWasmBackend(eager);
    const large = backend.compile(broad);
    train(backend, 5);
    await collected();
    copied();
    large.run([filled(0, 9 * size)], [], "broad");
    expect(copied()).toEqual({ in: 9 * bytes, out: 9 * bytes });
  });

  it("does not fill the memory", async () => {
    const backend = await createWasmBackend(eager);
    const grow = vi.spyOn(ArenaMemory.prototype, "grow");
    const ends: number[] = [];
    for (let round = 0; round < 60; round++) {
      train(backend, 4);
      if (round % 10 === 9) await collected();
      ends.push(Math.max(...grow.mock.calls.map(([end]) => end)));
    }
    // Thirty times what two states and a gradient need, were it kept.
    expect(ends[59] - ends[19]).toBeLessThan(6 * bytes);
  });
});
