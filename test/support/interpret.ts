/** The meaning of programs, equation by equation with reference implementations: the oracle of planner tests. */
import { wordsOf, type Words } from "../../src/core/dtype.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { Tensor } from "../../src/core/tensor.ts";
import type { Atom, Equation, Program, Var } from "../../src/ir/program.ts";

/** Sees every operation that is applied, but for control forms: what it took, and what it gave. */
export type Visit = (
  equation: Equation,
  operands: readonly Words[],
  results: readonly Words[],
) => void;

export function interpret(
  program: Program,
  inputs: readonly Words[],
  visit: Visit = () => undefined,
): readonly Words[] {
  const values = new Map<Var, Words>();
  program.inputs.forEach((variable, i) => values.set(variable, inputs[i]));
  const read = (atom: Atom): Words => {
    if (atom.kind === "literal")
      return wordsOf(atom.aval.dtype, new ArrayBuffer(4)).fill(atom.value);
    const words = values.get(atom);
    if (!words) throw new Error("unassigned variable");
    return words;
  };
  for (const equation of program.equations) {
    const results = apply(equation, equation.inputs.map(read), visit);
    equation.outputs.forEach((variable, i) => values.set(variable, results[i]));
  }
  return program.outputs.map(read);
}

interface AnyParams {
  readonly program: Program;
  readonly body: Program;
  readonly condition: Program;
  readonly branches: readonly Program[];
  readonly length: number;
  readonly reverse: boolean;
  readonly numConsts: number;
  readonly numCarry: number;
  readonly numConditionConsts: number;
  readonly numBodyConsts: number;
  run(tensors: readonly Tensor[]): void;
}

function apply(equation: Equation, operands: readonly Words[], visit: Visit): readonly Words[] {
  const { primitive, inputs, outputs } = equation;
  const { lower, reference } = primitive;
  const params = equation.params as AnyParams;
  if (lower.kind !== "control") {
    if (reference === "byProgram") throw new Error("no reference implementation");
    const results = outputs.map(({ aval }) => ({
      aval,
      words: wordsOf(aval.dtype, new ArrayBuffer(4 * sizeOf(aval.shape))),
    }));
    reference(
      operands.map((words, i) => ({ aval: inputs[i].aval, words })),
      results,
      equation.params,
    );
    const words = results.map((result) => result.words);
    visit(equation, operands, words);
    return words;
  }
  switch (lower.form) {
    case "call":
      return interpret(params.program, operands, visit);
    case "cond": {
      const last = params.branches.length - 1;
      return interpret(
        params.branches[Math.min(Math.max(operands[0][0], 0), last)],
        operands.slice(1),
        visit,
      );
    }
    case "host":
      params.run(operands.map((words, i) => new Tensor(inputs[i].aval, words.slice())));
      return [];
    case "while": {
      const { numConditionConsts: first, numBodyConsts: second } = params;
      let carry = operands.slice(first + second);
      while (interpret(params.condition, [...operands.slice(0, first), ...carry], visit)[0][0]) {
        const constants = operands.slice(first, first + second);
        carry = [...interpret(params.body, [...constants, ...carry], visit)];
      }
      return carry;
    }
    case "scan":
      return applyScan(params, outputs, operands, visit);
    default:
      return lower.form satisfies never;
  }
}

function applyScan(
  params: AnyParams,
  outputs: readonly Var[],
  operands: readonly Words[],
  visit: Visit,
): readonly Words[] {
  const { body, length, reverse, numConsts, numCarry } = params;
  const consts = operands.slice(0, numConsts);
  let carry = operands.slice(numConsts, numConsts + numCarry);
  const xs = operands.slice(numConsts + numCarry);
  const ys = outputs
    .slice(numCarry)
    .map(({ aval }) => wordsOf(aval.dtype, new ArrayBuffer(4 * sizeOf(aval.shape))));
  for (let step = 0; step < length; step++) {
    const i = reverse ? length - 1 - step : step;
    const slices = xs.map((x) => x.slice((x.length / length) * i, (x.length / length) * (i + 1)));
    const results = interpret(body, [...consts, ...carry, ...slices], visit);
    carry = results.slice(0, numCarry);
    results.slice(numCarry).forEach((y, j) => ys[j].set(y, y.length * i));
  }
  return [...carry, ...ys];
}
