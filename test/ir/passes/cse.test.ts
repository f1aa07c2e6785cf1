import { describe, expect, it } from "vitest";
import { checkProgram } from "../../../src/ir/check.ts";
import { eliminateCommonSubexpressions } from "../../../src/ir/passes/cse.ts";
import type { Program } from "../../../src/ir/program.ts";
import * as ops from "../../support/plan-primitives.ts";
import { scalar, writeProgram } from "../../support/write-program.ts";

const names = (program: Program): readonly string[] =>
  program.equations.map(({ primitive }) => primitive.name);

describe("eliminateCommonSubexpressions", () => {
  it("computes equal equations once, in chains too, and tells signs of zero apart", () => {
    const program = writeProgram([[]], (w, x) => {
      const a = w.apply(ops.neg, [w.apply(ops.add, [x, scalar(0)])]);
      const b = w.apply(ops.neg, [w.apply(ops.add, [x, scalar(0)])]);
      const c = w.apply(ops.neg, [w.apply(ops.add, [x, scalar(-0)])]);
      return [a, b, c];
    });
    const shared = checkProgram(eliminateCommonSubexpressions(program));
    expect(names(shared)).toEqual(["add", "neg", "add", "neg"]);
    expect(shared.outputs[0]).toBe(shared.outputs[1]);
    expect(shared.outputs[2]).not.toBe(shared.outputs[0]);
  });

  it("compares params and sub-programs by structure, and keeps effects", () => {
    const square = (): Program => writeProgram([[2]], (w, x) => [w.apply(ops.mul, [x, x])]);
    const program = writeProgram([[2]], (w, x) => {
      const a = w.view(x, [2, 2], [0, 1]);
      const b = w.view(x, [2, 2], [1, 0]);
      const c = w.view(x, [2, 2], [0, 1]);
      const run = (): void => undefined;
      w.push(ops.print, [x], { run }, [], "");
      w.push(ops.print, [x], { run }, [], "");
      return [a, b, c, ...w.call(square(), [x]), ...w.call(square(), [x])];
    });
    expect(names(eliminateCommonSubexpressions(program))).toEqual([
      "rearrange",
      "rearrange",
      "print",
      "print",
      "call",
    ]);
  });
});
