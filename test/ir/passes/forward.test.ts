import { describe, expect, it } from "vitest";
import { forwardResults } from "../../../src/ir/passes/forward.ts";
import { eliminateDeadResults } from "../../../src/ir/passes/narrow.ts";
import type { Program } from "../../../src/ir/program.ts";
import { interpret } from "../../support/interpret.ts";
import * as ops from "../../support/plan-primitives.ts";
import { scalar, writeProgram } from "../../support/write-program.ts";

const forwarded = (program: Program): Program => eliminateDeadResults(forwardResults(program));

const vector = Float32Array.of(1, 2);
const other = Float32Array.of(5, 6);

describe("forwardResults", () => {
  it("reads operands, numbers and repeated results of calls where they come from", () => {
    const inner = writeProgram([[2], [2]], (w, x, y) => {
      const product = w.apply(ops.mul, [x, y]);
      return [x, product, scalar(3), product, y];
    });
    const program = writeProgram([[2], [2]], (w, x, y) => w.call(inner, [x, y]));
    const result = forwarded(program);
    const [call] = result.equations;
    expect(call.outputs).toHaveLength(1);
    expect(result.outputs).toEqual([
      program.inputs[0],
      call.outputs[0],
      scalar(3),
      call.outputs[0],
      program.inputs[1],
    ]);
    expect(result.outputs[1]).toBe(result.outputs[3]);
    expect(interpret(result, [vector, other])).toEqual(interpret(program, [vector, other]));
  });

  it("goes through calls of calls", () => {
    const swap = writeProgram([[2], [2]], (_w, x, y) => [y, x]);
    const twice = writeProgram([[2], [2]], (w, x, y) => w.call(swap, w.call(swap, [x, y])));
    const program = writeProgram([[2], [2]], (w, x, y) => w.call(twice, [x, y]));
    const result = forwarded(program);
    expect(result.equations).toEqual([]);
    expect(result.outputs).toEqual(program.inputs);
  });

  it("makes unchanged carries constants, and stacks equal results once", () => {
    const body = writeProgram([[2], [2], [2]], (w, fixed, sum, x) => {
      const next = w.apply(ops.add, [sum, w.apply(ops.mul, [fixed, x])]);
      return [fixed, next, next, x, next];
    });
    const program = writeProgram([[2], [2], [3, 2]], (w, a, b, xs) =>
      w.scan(body, 3, [], [a, b], [xs]),
    );
    const result = forwarded(program);
    const [scan] = result.equations;
    expect(scan.params).toMatchObject({ numConsts: 1, numCarry: 1 });
    expect(scan.outputs).toHaveLength(3);
    expect(result.outputs[0]).toBe(program.inputs[0]);
    expect(result.outputs[2]).toBe(result.outputs[4]);
    const inputs = [vector, other, Float32Array.of(1, 2, 3, 4, 5, 6)];
    expect(interpret(result, inputs)).toEqual(interpret(program, inputs));
  });

  it("forwards what all branches return alike", () => {
    const first = writeProgram([[2], [2]], (w, x, y) => [x, y, scalar(1), w.apply(ops.neg, [y])]);
    const second = writeProgram([[2], [2]], (_w, x, y) => [x, x, scalar(1), y]);
    const program = writeProgram([[], [2], [2]], (w, i, x, y) =>
      w.cond(w.apply(ops.truncate, [i]), [first, second], [x, y]),
    );
    const result = forwarded(program);
    expect(result.equations[1].outputs).toHaveLength(2);
    expect(result.outputs[0]).toBe(program.inputs[1]);
    expect(result.outputs[2]).toEqual(scalar(1));
    for (const index of [0, 1]) {
      const inputs = [Float32Array.of(index), vector, other];
      expect(interpret(result, inputs)).toEqual(interpret(program, inputs));
    }
  });

  it("returns a program without such results as it is", () => {
    const inner = writeProgram([[2]], (w, x) => [w.apply(ops.neg, [x])]);
    const program = writeProgram([[2]], (w, x) => w.call(inner, [x]));
    expect(forwardResults(program)).toBe(program);
  });
});
