import { describe, expect, it } from "vitest";
import { planProgram, type ExecutionPlan } from "../../src/plan/index.ts";
import type { Atom, Program } from "../../src/ir/program.ts";
import * as ops from "../support/plan-primitives.ts";
import { interpret } from "../support/interpret.ts";
import { runPlanned, testTarget } from "../support/plan-machine.ts";
import { matrixProduct, scalar, writeProgram } from "../support/write-program.ts";

const operationsOf = (plan: ExecutionPlan, index: number): readonly string[] =>
  plan.functions[index].steps.flatMap(({ info }) => info?.operation ?? []);

/** x -> ((x W) + x) W + 1, too large to be inlined. */
const layer = (): Program =>
  writeProgram(
    [
      [4, 4],
      [4, 4],
    ],
    (w, x, weights) => {
      const first = w.apply(ops.contract, [x, weights], matrixProduct);
      const second = w.apply(ops.add, [first, x]);
      const third = w.apply(ops.contract, [second, weights], matrixProduct);
      const fourth = w.apply(ops.neg, [w.apply(ops.neg, [third])]);
      return [w.apply(ops.add, [fourth, x])];
    },
  );

const matrix = (seed: number): Float32Array =>
  Float32Array.from({ length: 16 }, (_, i) => ((i * seed) % 7) - 3);

describe("functions of a plan", () => {
  it("are shared by equal sub-programs, whatever their identity", () => {
    const shared = layer();
    const program = writeProgram(
      [
        [4, 4],
        [4, 4],
      ],
      (w, x, weights) => {
        let current: Atom = x;
        for (let i = 0; i < 12; i++) {
          [current] = w.call(i % 2 === 0 ? shared : layer(), [current, weights], `layer${i}`);
        }
        return [current];
      },
    );
    const inputs = [matrix(5), matrix(3)];
    const { plan, outputs } = runPlanned(program, inputs);
    expect(plan.functions).toHaveLength(2);
    expect(operationsOf(plan, 1)).toEqual(Array.from({ length: 12 }, () => "call"));
    expect(outputs).toEqual(interpret(program, inputs));
    // Depth costs no memory: input, weights, two activations at most and one frame.
    expect(plan.main.frameBytes).toBeLessThanOrEqual(4 * 64 + plan.functions[0].frameBytes);
  });

  it("are inlined when tiny, and fuse with their surroundings then", () => {
    const square = writeProgram([[8]], (w, x) => [w.apply(ops.mul, [x, x])]);
    const program = writeProgram([[8]], (w, x) => {
      const [y] = w.call(square, [x]);
      return [w.apply(ops.add, [y, x])];
    });
    expect(operationsOf(planProgram(program, testTarget), 0)).toEqual(["elementwise"]);
    const kept = planProgram(program, testTarget, { inline: false });
    expect(operationsOf(kept, 1)).toEqual(["call", "elementwise"]);
  });

  it("stay functions where the operation asks for it", () => {
    const kept = { ...ops.call, lower: { kind: "control", form: "call", inline: false } } as const;
    const square = writeProgram([[8]], (w, x) => [w.apply(ops.mul, [x, x])]);
    const program = writeProgram([[8]], (w, x) =>
      w.push(kept, [x], { program: square }, [x.aval], ""),
    );
    expect(operationsOf(planProgram(program, testTarget), 1)).toEqual(["call"]);
  });

  it("update loop carries in place, without copies", () => {
    const body = writeProgram([[16], [16]], (w, carry, x) => [w.apply(ops.add, [carry, x])]);
    const program = writeProgram([[16], [5, 16]], (w, initial, xs) =>
      w.scan(body, 5, [], [w.apply(ops.neg, [initial])], [xs]),
    );
    const { plan } = runPlanned(program, [new Float32Array(16), new Float32Array(80).fill(2)]);
    expect(operationsOf(plan, 0)).toEqual(["elementwise"]);
    expect(operationsOf(plan, 1)).toEqual(["elementwise", "scan"]);
    expect(plan.main.frameBytes).toBe(16 * 4 + 80 * 4);
  });

  it("copy carries that change places", () => {
    const body = writeProgram([[3], [3], [3]], (_w, a, b, c) => [b, c, a]);
    const program = writeProgram([[3], [3], [3]], (w, ...inputs) => w.scan(body, 4, [], inputs));
    const inputs = [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6), Float32Array.of(7, 8, 9)];
    for (const inPlace of [true, false]) {
      const { outputs } = runPlanned(program, inputs, { inPlace, poison: true });
      expect(outputs).toEqual(interpret(program, inputs));
    }
  });

  it("write a scan's results over the arrays that it reads, slice by slice", () => {
    const body = writeProgram([[64]], (w, x) => [w.apply(ops.mul, [x, x])]);
    const program = writeProgram([[8, 64]], (w, x) =>
      w.scan(body, 8, [], [], [w.apply(ops.neg, [x])], true),
    );
    const { plan } = runPlanned(program, [new Float32Array(512).fill(3)]);
    expect(plan.main.frameBytes).toBe(512 * 4);
  });

  it("reuse a call's dying operand for its result", () => {
    // Reads x last in the step that writes the result, element by element.
    const addSums = writeProgram([[32, 4]], (w, x) => {
      const sums = w.apply(ops.reduceSum, [x], { axes: [0] });
      const doubled = w.apply(ops.add, [sums, w.apply(ops.bump, [sums])]);
      const total = w.apply(ops.reduceSum, [doubled], { axes: [0] });
      const rows = w.apply(ops.add, [doubled, w.view(total, [4], [0])]);
      return [w.apply(ops.add, [x, w.view(rows, [32, 4], [0, 1])])];
    });
    const program = writeProgram([[32, 4]], (w, x) =>
      w.call(addSums, [w.call(addSums, [w.apply(ops.neg, [x])])[0]]),
    );
    const input = Float32Array.from({ length: 128 }, (_, i) => i % 5);
    const { plan, outputs } = runPlanned(program, [input]);
    expect(outputs).toEqual(interpret(program, [input]));
    expect(plan.main.frameBytes).toBe(128 * 4 + plan.functions[0].frameBytes);
  });

  it("iterate over broadcast arrays without storing them", () => {
    const body = writeProgram([[64], [64]], (w, carry, x) => [w.apply(ops.add, [carry, x])]);
    const program = writeProgram([[64]], (w, x) =>
      w.scan(body, 100, [], [w.view(scalar(0), [64], [0])], [w.view(x, [100, 64], [0, 1])]),
    );
    const { plan, outputs } = runPlanned(program, [new Float32Array(64).fill(1)]);
    expect(plan.main.frameBytes).toBe(2 * 64 * 4);
    expect(outputs[0][0]).toBe(100 % 97);
  });
});
