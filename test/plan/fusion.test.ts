import { describe, expect, it } from "vitest";
import { interpret } from "../support/interpret.ts";
import * as ops from "../support/plan-primitives.ts";
import { runPlanned } from "../support/plan-machine.ts";
import { matrixProduct, scalar, writeProgram } from "../support/write-program.ts";
import type { Program } from "../../src/ir/program.ts";

const ramp = (n: number): Float32Array => Float32Array.from({ length: n }, (_, i) => (i % 11) - 5);

/** Operations of the main function; the results are checked on the way. */
function operations(program: Program, flags = {}): readonly string[] {
  const inputs = program.inputs.map(({ aval }) => ramp(aval.shape.reduce((a, b) => a * b, 1)));
  const { plan, outputs } = runPlanned(program, inputs, flags);
  expect(outputs).toEqual(interpret(program, inputs));
  return plan.main.steps.flatMap(({ info }) => info?.operation ?? []);
}

describe("fusion", () => {
  it("runs a chain with several results as one step", () => {
    const program = writeProgram([[6], [6]], (w, x, y) => {
      const a = w.apply(ops.add, [x, y]);
      const b = w.apply(ops.mul, [a, x]);
      return [a, b, w.apply(ops.neg, [b])];
    });
    expect(operations(program)).toEqual(["elementwise"]);
    expect(operations(program, { fusion: false })).toHaveLength(3);
  });

  it("reads transposes, slices, broadcasts and numbers in place", () => {
    const program = writeProgram([[4, 6], [6, 4], [4]], (w, x, y, z) => {
      const a = w.apply(ops.add, [x, w.transpose(y)]);
      const b = w.apply(ops.mul, [a, w.view(z, [4, 6], [1, 0])]);
      return [w.apply(ops.add, [b, w.view(scalar(3), [4, 6], [0, 0])])];
    });
    expect(operations(program)).toEqual(["elementwise"]);
    expect(operations(program, { foldViews: false })).toContain("copyStrided");
  });

  it("goes through reshapes", () => {
    const program = writeProgram([[4, 6], [24], [6]], (w, x, y, z) => {
      const a = w.apply(ops.neg, [x]);
      const b = w.apply(ops.add, [w.view(a, [24], [1]), y]);
      return [w.apply(ops.mul, [w.view(b, [4, 6], [6, 1]), w.view(z, [4, 6], [0, 1])])];
    });
    expect(operations(program)).toEqual(["elementwise"]);
  });

  it("does not swallow an operation whose operand needs the cluster first", () => {
    const program = writeProgram([[4, 4]], (w, x) => {
      const a = w.apply(ops.neg, [x]);
      const product = w.apply(ops.contract, [a, a], matrixProduct);
      return [w.apply(ops.add, [a, product])];
    });
    expect(operations(program)).toEqual(["elementwise", "matmul", "elementwise"]);
  });

  it("does not run in place over an operand that is also read in another order", () => {
    const program = writeProgram([[4, 4]], (w, x) => [w.apply(ops.add, [x, w.transpose(x)])]);
    expect(operations(program)).toEqual(["elementwise"]);
  });

  it("joins nodes across other work that does not depend on them", () => {
    const program = writeProgram([[4, 4]], (w, x) => {
      const a = w.apply(ops.neg, [x]);
      const product = w.apply(ops.contract, [x, x], matrixProduct);
      const b = w.apply(ops.mul, [a, a]);
      return [product, b];
    });
    expect(operations(program)).toEqual(["matmul", "elementwise"]);
  });

  it("never moves work across an effect", () => {
    const order: string[] = [];
    const program = writeProgram([[2]], (w, x) => {
      const a = w.apply(ops.neg, [x]);
      w.push(ops.print, [a], { run: () => order.push("print") }, [], "");
      return [w.apply(ops.mul, [a, a])];
    });
    expect(operations(program)).toEqual(["elementwise", "host", "elementwise"]);
    expect(order).toEqual(["print", "print"]);
  });
});

describe("known numbers", () => {
  it("are computed by the planner", () => {
    const program = writeProgram([[3]], (w, x) => {
      const half = w.apply(ops.mul, [scalar(3), w.apply(ops.neg, [scalar(2)])]);
      return [w.apply(ops.add, [x, w.view(half, [3], [0])]), half];
    });
    expect(operations(program)).toEqual(["elementwise"]);
    expect(operations(program, { foldConstants: false }).length).toBeGreaterThan(1);
  });
});

describe("contractions", () => {
  it("write their transposed result when only that is read", () => {
    const program = writeProgram(
      [
        [3, 4],
        [4, 5],
      ],
      (w, x, y) => [w.transpose(w.apply(ops.contract, [x, y], matrixProduct))],
    );
    expect(operations(program)).toEqual(["matmul"]);
    const both = writeProgram(
      [
        [3, 4],
        [4, 5],
      ],
      (w, x, y) => {
        const product = w.apply(ops.contract, [x, y], matrixProduct);
        return [product, w.transpose(product)];
      },
    );
    expect(operations(both)).toEqual(["matmul", "copyStrided"]);
  });

  it("take transposed operands as they lie", () => {
    const program = writeProgram(
      [
        [3, 4],
        [5, 3],
      ],
      (w, x, y) => [w.apply(ops.contract, [w.transpose(x), w.transpose(y)], matrixProduct)],
    );
    expect(operations(program)).toEqual(["matmul"]);
  });

  it("use the batch for rows that one stride does not walk", () => {
    const spec = { lhsBatch: [], rhsBatch: [], lhsContract: [2], rhsContract: [0] };
    const program = writeProgram(
      [
        [3, 2, 4],
        [4, 5],
      ],
      (w, x, y) => [w.apply(ops.contract, [w.view(x, [2, 3, 4], [4, 8, 1]), y], spec)],
    );
    expect(operations(program)).toEqual(["matmul"]);
  });

  it("copy an operand when no strides express it", () => {
    const spec = { lhsBatch: [0, 1], rhsBatch: [0, 1], lhsContract: [3], rhsContract: [2] };
    const program = writeProgram(
      [
        [2, 5, 3, 4],
        [2, 3, 4, 2],
      ],
      (w, x, y) => [w.apply(ops.contract, [w.view(x, [2, 3, 5, 4], [60, 4, 12, 1]), y], spec)],
    );
    expect(operations(program)).toEqual(["copyStrided", "matmul"]);
  });
});
