import { describe, expect, it } from "vitest";
import { eliminateDeadCode } from "../../../src/ir/passes/dce.ts";
import { eliminateDeadResults } from "../../../src/ir/passes/narrow.ts";
import { isProgram, type Equation, type Program } from "../../../src/ir/program.ts";
import { interpret } from "../../support/interpret.ts";
import * as ops from "../../support/plan-primitives.ts";
import { writeProgram } from "../../support/write-program.ts";

const names = (program: Program): readonly string[] =>
  program.equations.map(({ primitive }) => primitive.name);

const programIn = (equation: Equation, param: string): Program => {
  const value: unknown = new Map(Object.entries(equation.params)).get(param);
  if (!isProgram(value)) throw new Error(`${param} is not a program`);
  return value;
};

const vector = Float32Array.of(1, 2);

describe("eliminateDeadResults", () => {
  it("narrows a call to the results and operands that matter", () => {
    const inner = writeProgram([[2], [2]], (w, x, y) => [
      w.apply(ops.neg, [x]),
      w.apply(ops.mul, [y, y]),
    ]);
    const program = writeProgram([[2], [2]], (w, x, y) => {
      const unused = w.apply(ops.mul, [y, y]);
      return [w.call(inner, [x, unused])[0]];
    });
    const narrowed = eliminateDeadResults(program);
    expect(names(narrowed)).toEqual(["call"]);
    expect(names(programIn(narrowed.equations[0], "program"))).toEqual(["neg"]);
    expect(narrowed.equations[0].inputs).toEqual([program.inputs[0]]);
    expect(interpret(narrowed, [vector, vector])).toEqual(interpret(program, [vector, vector]));
    // Calls that become equal stay one object, so that they stay one function.
    expect(eliminateDeadResults(program)).toBe(narrowed);
  });

  it("drops a scan's stacked results and the carries that only they need", () => {
    const body = writeProgram([[2], [2], [2]], (w, total, trace, x) => [
      w.apply(ops.add, [total, x]),
      w.apply(ops.add, [trace, total]),
      trace,
    ]);
    const program = writeProgram([[2], [2], [3, 2]], (w, a, b, xs) => [
      w.scan(body, 3, [], [a, b], [xs])[0],
    ]);
    const narrowed = eliminateDeadResults(program);
    const [scan] = narrowed.equations;
    expect(scan.params).toMatchObject({ numConsts: 0, numCarry: 1, length: 3 });
    expect(scan.inputs).toHaveLength(2);
    expect(scan.outputs).toHaveLength(1);
    const inputs = [vector, vector, Float32Array.of(1, 2, 3, 4, 5, 6)];
    expect(interpret(narrowed, inputs)).toEqual(interpret(program, inputs));
  });

  it("keeps a carry that another one reads", () => {
    const body = writeProgram([[2], [2]], (_w, a, b) => [b, a]);
    const program = writeProgram([[2], [2]], (w, a, b) => [w.scan(body, 3, [], [a, b])[0]]);
    const narrowed = eliminateDeadResults(program);
    expect(narrowed.equations[0].params).toMatchObject({ numCarry: 2 });
    const inputs = [vector, Float32Array.of(5, 6)];
    expect(interpret(narrowed, inputs)).toEqual(interpret(program, inputs));
  });

  it("narrows branches alike, keeping every operand that one of them reads", () => {
    const first = writeProgram([[2], [2]], (_w, x, y) => [x, y]);
    const second = writeProgram([[2], [2]], (w, x, y) => [y, w.apply(ops.mul, [x, y])]);
    const program = writeProgram([[], [2], [2], [2]], (w, i, x, y) => {
      const index = w.apply(ops.truncate, [i]);
      return [w.cond(index, [first, second], [x, y])[0]];
    });
    const narrowed = eliminateDeadResults(program);
    expect(narrowed.equations[1].inputs).toHaveLength(3);
    for (const index of [0, 1]) {
      const inputs = [Float32Array.of(index), vector, Float32Array.of(5, 6), vector];
      expect(interpret(narrowed, inputs)).toEqual(interpret(program, inputs));
    }
  });

  it("keeps effects inside of sub-programs", () => {
    const inner = writeProgram([[2]], (w, x) => {
      const y = w.apply(ops.neg, [x]);
      w.push(ops.print, [y], { run: () => undefined }, [], "");
      return [w.apply(ops.mul, [x, x])];
    });
    const program = writeProgram([[2]], (w, x) => {
      w.call(inner, [x]);
      return [x];
    });
    expect(names(eliminateDeadCode(program))).toEqual(["call"]);
    const narrowed = eliminateDeadResults(program);
    expect(names(programIn(narrowed.equations[0], "program"))).toEqual(["neg", "print"]);
  });

  it("returns a program in which nothing is dead as it is", () => {
    const inner = writeProgram([[2]], (w, x) => [w.apply(ops.neg, [x])]);
    const program = writeProgram([[2]], (w, x) => w.call(inner, [x]));
    expect(eliminateDeadResults(program)).toBe(program);
  });
});
