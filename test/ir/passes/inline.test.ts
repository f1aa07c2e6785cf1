import { describe, expect, it } from "vitest";
import { inlineEquations } from "../../../src/ir/passes/inline.ts";
import type { Equation, Program } from "../../../src/ir/program.ts";
import { interpret } from "../../support/interpret.ts";
import * as ops from "../../support/plan-primitives.ts";
import { scalar, writeProgram } from "../../support/write-program.ts";

const names = (program: Program): readonly string[] =>
  program.equations.map(({ primitive }) => primitive.name);

const callee = ({ primitive, params }: Equation): Program | undefined =>
  primitive === ops.call
    ? ops.programParam(new Map(Object.entries(params)).get("program"))
    : undefined;

const vector = Float32Array.of(1, 2);

describe("inlineEquations", () => {
  it("puts bodies in place of equations, nested and repeated, under joined names", () => {
    const square = writeProgram([[2]], (w, x) => [w.apply(ops.mul, [x, x], {}, "square")]);
    const fourth = writeProgram([[2]], (w, x) => w.call(square, [w.call(square, [x])[0]]));
    const program = writeProgram([[2]], (w, x) => {
      const [y] = w.call(fourth, [x], "first");
      return [...w.call(fourth, [y], "second"), ...w.call(square, [x])];
    });
    const inlined = inlineEquations(program, callee);
    expect(names(inlined)).toEqual(["mul", "mul", "mul", "mul", "mul"]);
    expect(inlined.equations[0].scope).toBe("first/square");
    expect(interpret(inlined, [vector])).toEqual(interpret(program, [vector]));
  });

  it("passes operands and numbers through programs that only return them", () => {
    const constant = writeProgram([[2]], (_w, x) => [x, scalar(3)]);
    const program = writeProgram([[2]], (w, x) => w.call(constant, [x]));
    const inlined = inlineEquations(program, callee);
    expect(inlined.equations).toEqual([]);
    expect(inlined.outputs).toEqual([program.inputs[0], scalar(3)]);
  });
});
