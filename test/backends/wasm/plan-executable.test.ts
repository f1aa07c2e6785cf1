import { beforeAll, describe, expect, it } from "vitest";
import { createWasmBackend, type RunProfile } from "../../../src/backends/wasm/index.ts";
import { avalOf } from "../../../src/core/aval.ts";
import { BackendError } from "../../../src/core/errors.ts";
import { tensorFrom, type Tensor } from "../../../src/core/tensor.ts";
import type { Backend } from "../../../src/ir/backend.ts";
import { newVar } from "../../../src/ir/program.ts";
import * as ops from "../../support/plan-primitives.ts";
import { scalar, writeProgram } from "../../support/write-program.ts";

let backend: Backend;

beforeAll(async () => {
  backend = await createWasmBackend();
});

const vector = (...elements: number[]): Tensor =>
  tensorFrom("f32", [elements.length], Float32Array.from(elements));

const listOf = (tensors: readonly Tensor[]): unknown => tensors.map((tensor) => tensor.toArray());

describe("an executable of the WASM backend", () => {
  it("returns inputs, numbers, copies of one value and empty arrays", () => {
    const program = writeProgram([[2], [3], [0]], (w, x, _unused, empty) => {
      const y = w.apply(ops.neg, [x]);
      const zeros = w.view(scalar(7), [3], [0]);
      return [x, y, y, scalar(5), zeros, empty, w.apply(ops.neg, [empty]), x];
    });
    const executable = backend.compile(program);
    const inputs = [vector(1, 2), vector(0, 0, 0), vector()];
    const expected = [[1, 2], [-1, -2], [-1, -2], 5, [7, 7, 7], [], [], [1, 2]];
    expect(listOf(executable.run(inputs, [], "test"))).toEqual(expected);
    expect(listOf(executable.run(inputs, [], "test"))).toEqual(expected);
    expect(inputs.some((tensor) => tensor.isDonated)).toBe(false);
  });

  it("gives results that share no storage with inputs or each other", () => {
    const program = writeProgram([[2]], (_w, x) => [x, x]);
    const x = vector(1, 2);
    const [first, second] = backend.compile(program).run([x], [], "test");
    expect(new Set([x, first, second].map((tensor) => tensor.words().buffer)).size).toBe(3);
  });

  it("reuses donated storage for a result of the same size, and only then", () => {
    const program = writeProgram([[4], [2]], (w, x, y) => [w.apply(ops.neg, [x]), y]);
    const [x, y] = [vector(1, 2, 3, 4), vector(5, 6)];
    const storage = x.words().buffer;
    const [result] = backend.compile(program).run([x, y], [true, false], "step");
    expect(result.words().buffer).toBe(storage);
    expect(listOf([result, y])).toEqual([
      [-1, -2, -3, -4],
      [5, 6],
    ]);
    expect(() => x.words()).toThrow("step: this tensor was donated");
    expect(() => backend.compile(program).run([x, y], [], "again")).toThrow("was donated");
  });

  it("leaves inputs intact when a run fails", () => {
    let fail = true;
    const program = writeProgram([[2]], (w, x) => {
      const y = w.apply(ops.neg, [x]);
      const run = (): void => {
        if (fail) throw new Error("the printer is out of paper");
      };
      w.push(ops.print, [y], { run }, [], "");
      return [y];
    });
    const executable = backend.compile(program);
    const x = vector(1, 2);
    expect(() => executable.run([x], [true], "test")).toThrow("the printer is out of paper");
    expect(listOf([x])).toEqual([[1, 2]]);
    fail = false;
    expect(listOf(executable.run([x], [true], "test"))).toEqual([[-1, -2]]);
    expect(x.isDonated).toBe(true);
  });

  it("hands effects tensors of their own, in order, inside of loops too", () => {
    const seen: unknown[] = [];
    const body = writeProgram([[2]], (w, carry) => {
      const run = (tensors: readonly Tensor[]): void => void seen.push(tensors[0].toArray());
      w.push(ops.print, [carry], { run }, [], "");
      return [w.apply(ops.add, [carry, w.view(scalar(1), [2], [0])])];
    });
    const program = writeProgram([[2]], (w, x) => w.scan(body, 3, [], [x]));
    backend.compile(program).run([vector(0, 5)], [], "test");
    expect(seen).toEqual([
      [0, 5],
      [1, 6],
      [2, 7],
    ]);
  });

  it("refuses to run inside of another run", () => {
    const inner = backend.compile(writeProgram([[1]], (w, x) => [w.apply(ops.neg, [x])]));
    const program = writeProgram([[1]], (w, x) => {
      const run = (tensors: readonly Tensor[]): void => void inner.run(tensors, [], "inner");
      w.push(ops.print, [x], { run }, [], "");
      return [x];
    });
    const outer = backend.compile(program);
    expect(() => outer.run([vector(1)], [], "outer")).toThrow(BackendError);
    expect(listOf(inner.run([vector(1)], [], "inner"))).toEqual([[-1]]);
  });

  it("interleaves with other executables of the backend", () => {
    const negate = backend.compile(writeProgram([[3]], (w, x) => [w.apply(ops.neg, [x])]));
    const twice = backend.compile(writeProgram([[3]], (w, x) => [w.apply(ops.add, [x, x])]));
    const x = vector(1, 2, 3);
    for (let i = 0; i < 3; i++) {
      expect(listOf(negate.run([x], [], "negate"))).toEqual([[-1, -2, -3]]);
      expect(listOf(twice.run([x], [], "twice"))).toEqual([[2, 4, 6]]);
    }
  });

  it("names inputs that do not fit", () => {
    const executable = backend.compile(writeProgram([[3]], (w, x) => [w.apply(ops.neg, [x])]));
    expect(() => executable.run([vector(1)], [], "f")).toThrow(
      "f: the inputs are not those of the compiled program: expected f32[3], got f32[1]",
    );
  });

  it("says which kernel is missing, or runs the reference where that is allowed", async () => {
    const program = writeProgram([[2]], (w, x) => [w.apply(ops.bump, [x], {}, "block")]);
    expect(() => backend.compile(program)).toThrow("block/bump: the backend has no kernel bump");
    const lenient = await createWasmBackend({ allowReference: true });
    expect(listOf(lenient.compile(program).run([vector(1, 2)], [], "test"))).toEqual([[2, 3]]);
  });

  it("says how much memory it lacks", () => {
    const big = avalOf("f32", [1 << 29]);
    const x = newVar(big);
    const y = newVar(big);
    const z = newVar(big);
    const equation = { primitive: ops.add, inputs: [x, y], outputs: [z], params: {}, scope: "" };
    const executable = backend.compile({
      inputs: [x, y],
      equations: [equation],
      outputs: [x, y, z],
    });
    expect(executable.report.peakBytes).toBe(3 * 4 * (1 << 29));
    const tensors = [x, y].map(({ aval }) => ({ aval }) as Tensor);
    expect(() => executable.run(tensors, [], "train")).toThrow(
      /^train: the program needs more memory than there is: expected at most 4294967296 bytes, got 64\d+ bytes/,
    );
  });

  it("tells where the time of a run went, inside of loops too", async () => {
    const runs: RunProfile[] = [];
    const profile = { onRun: (run: RunProfile) => runs.push(run), events: 3 };
    const profiled = await createWasmBackend({ profile });
    const body = writeProgram([[2]], (w, carry) => [w.apply(ops.neg, [carry], {}, "body")]);
    const program = writeProgram([[2]], (w, x) => {
      w.push(ops.print, [x], { run: () => undefined }, [], "");
      const [end] = w.scan(body, 3, [], [x]);
      return [w.apply(ops.reduceSum, [end], { axes: [0] }, "total")];
    });
    const executable = profiled.compile(program);
    executable.run([vector(1, 2)], [], "first");
    executable.run([vector(3, 4)], [], "second");
    expect(runs.map(({ where, threads }) => [where, threads])).toEqual([
      ["first", 1],
      ["second", 1],
    ]);
    for (const { steps, events, missedEvents, begin, end } of runs) {
      expect(
        steps.map(({ step, calls }) => `${step.name} ${step.operation} ${step.flops} x ${calls}`),
      ).toEqual(["body/neg elementwise 2 x 3", "print host 0 x 1", "total/reduceSum reduce 2 x 1"]);
      expect(steps.every(({ milliseconds }) => milliseconds >= 0)).toBe(true);
      expect(events.map(({ step }) => step.operation)).toEqual([
        "host",
        "elementwise",
        "elementwise",
      ]);
      expect(missedEvents).toBe(2);
      const times = [begin, ...events.flatMap((event) => [event.begin, event.end]), end];
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
  });

  it("reports its plan, work and largest values", () => {
    const program = writeProgram([[32, 8]], (w, x) => {
      const rows = w.apply(ops.reduceSum, [x], { axes: [1] }, "head");
      return [w.apply(ops.add, [x, w.view(rows, [32, 8], [1, 0])], {}, "tail")];
    });
    const { report } = backend.compile(program);
    expect(report.backend).toBe("wasm");
    expect(report.plan).toMatch(/reduce +256 flops +1\.125 KiB +head\/reduceSum/);
    expect(report.plan).toMatch(/elementwise +512 flops +2\.125 KiB +tail\/add/);
    expect(report.peakBytes).toBe(32 * 8 * 4 + 32 * 4);
    expect(report.flops).toBe(256 + 512);
    // As it is when the sums come to life: the result takes the input's place afterwards.
    expect(report.largest).toEqual([
      { name: "input 0", bytes: 1024 },
      { name: "head/reduceSum", bytes: 128 },
    ]);
  });
});
