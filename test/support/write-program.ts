/** Programs written by hand for tests of the planner. */
import { avalOf, type Aval } from "../../src/core/aval.ts";
import type { Shape } from "../../src/core/shape.ts";
import type { Params, Primitive } from "../../src/ir/primitive.ts";
import {
  newLiteral,
  newVar,
  type Atom,
  type Equation,
  type Program,
  type Var,
} from "../../src/ir/program.ts";
import * as ops from "./plan-primitives.ts";

export class ProgramWriter {
  readonly equations: Equation[] = [];

  apply(primitive: Primitive, inputs: readonly Atom[], params: Params = {}, scope = ""): Var {
    return this.applyAll(primitive, inputs, params, scope)[0];
  }

  applyAll(
    primitive: Primitive,
    inputs: readonly Atom[],
    params: Params = {},
    scope = "",
  ): readonly Var[] {
    const avals = primitive.abstractEval(
      inputs.map((atom) => atom.aval),
      params,
    );
    return this.push(primitive, inputs, params, avals, scope);
  }

  call(program: Program, inputs: readonly Atom[], scope = ""): readonly Var[] {
    const avals = program.outputs.map((atom) => atom.aval);
    return this.push(ops.call, inputs, { program }, avals, scope);
  }

  /** Operands are constants, carries and sliced arrays. */
  scan(
    body: Program,
    length: number,
    constants: readonly Atom[],
    carries: readonly Atom[],
    xs: readonly Atom[] = [],
    reverse = false,
  ): readonly Var[] {
    const avals = body.outputs.map(({ aval }, i) =>
      i < carries.length ? aval : avalOf(aval.dtype, [length, ...aval.shape]),
    );
    const params = {
      body,
      length,
      reverse,
      numConsts: constants.length,
      numCarry: carries.length,
    };
    return this.push(ops.scan, [...constants, ...carries, ...xs], params, avals, "");
  }

  cond(index: Atom, branches: readonly Program[], inputs: readonly Atom[]): readonly Var[] {
    const avals = branches[0].outputs.map((atom) => atom.aval);
    return this.push(ops.cond, [index, ...inputs], { branches }, avals, "");
  }

  transpose(x: Atom): Var {
    const [rows, columns] = x.aval.shape;
    const view = { offset: 0, strides: [1, columns] };
    return this.apply(ops.rearrange, [x], { shape: [columns, rows], view });
  }

  view(x: Atom, shape: Shape, strides: readonly number[], offset = 0): Var {
    return this.apply(ops.rearrange, [x], { shape, view: { offset, strides } });
  }

  push(
    primitive: Primitive,
    inputs: readonly Atom[],
    params: Params,
    avals: readonly Aval[],
    scope: string,
  ): readonly Var[] {
    const outputs = avals.map(newVar);
    this.equations.push({ primitive, inputs, outputs, params, scope });
    return outputs;
  }
}

/** The program that `write` records on f32 inputs of the given shapes. */
export function writeProgram(
  shapes: readonly Shape[],
  write: (writer: ProgramWriter, ...inputs: Var[]) => readonly Atom[],
): Program {
  const writer = new ProgramWriter();
  const inputs = shapes.map((shape) => newVar(avalOf("f32", shape)));
  const outputs = write(writer, ...inputs);
  return { inputs, equations: writer.equations, outputs };
}

export const scalar = (value: number): Atom => newLiteral(value, avalOf("f32", []));

/** The product of two matrices. */
export const matrixProduct = {
  lhsBatch: [],
  rhsBatch: [],
  lhsContract: [1],
  rhsContract: [0],
} as const;
