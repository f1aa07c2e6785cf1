import type { Aval } from "../../core/aval.ts";
import { wordsOf, type Words } from "../../core/dtype.ts";
import { ProgramError } from "../../core/errors.ts";
import { sizeOf } from "../../core/shape.ts";
import { Tensor } from "../../core/tensor.ts";
import { controlOf, type ScanForm, type WhileForm } from "../../ir/control.ts";
import { Environment } from "../../ir/evaluate.ts";
import type { ReferenceArray } from "../../ir/primitive.ts";
import type { Equation, Literal, Program } from "../../ir/program.ts";

/** Results of a program on the given operands. */
export function interpret(
  program: Program,
  operands: readonly ReferenceArray[],
): readonly ReferenceArray[] {
  const environment = new Environment<ReferenceArray>(literalArray);
  environment.setAll(program.inputs, operands);
  for (const equation of program.equations) {
    const inputs = equation.inputs.map((atom) => environment.get(atom));
    environment.setAll(equation.outputs, apply(equation, inputs));
  }
  return program.outputs.map((atom) => environment.get(atom));
}

function literalArray({ value, aval }: Literal): ReferenceArray {
  const array = allocate(aval);
  array.words[0] = value;
  return array;
}

/** Fresh zeroed storage for a value. */
const allocate = (aval: Aval): ReferenceArray => ({
  aval,
  words: wordsOf(aval.dtype, new ArrayBuffer(4 * sizeOf(aval.shape))),
});

function apply(equation: Equation, inputs: readonly ReferenceArray[]): readonly ReferenceArray[] {
  const { primitive, outputs, params } = equation;
  if (primitive.reference !== "byProgram") {
    const results = outputs.map((variable) => allocate(variable.aval));
    primitive.reference(inputs, results, params);
    return results;
  }
  const control = controlOf(equation);
  switch (control?.form) {
    case undefined:
      throw new ProgramError("only control primitives run by their programs", {
        where: primitive.name,
      });
    case "call":
      return interpret(control.params.program, inputs);
    case "scan":
      return runScan(
        control.params,
        inputs,
        outputs.map((variable) => variable.aval),
      );
    case "cond":
      return runCond(control.params.branches, inputs);
    case "while":
      return runWhile(control.params, inputs);
    case "host":
      control.params.run(inputs.map(({ aval, words }) => new Tensor(aval, words.slice())));
      return [];
    default:
      return control satisfies never;
  }
}

function runScan(
  { body, length, reverse, numConsts, numCarry }: ScanForm,
  inputs: readonly ReferenceArray[],
  outputs: readonly Aval[],
): readonly ReferenceArray[] {
  const consts = inputs.slice(0, numConsts);
  const xs = inputs.slice(numConsts + numCarry);
  const ys = outputs.slice(numCarry).map(allocate);
  let carry = inputs.slice(numConsts, numConsts + numCarry);
  for (let step = 0; step < length; step++) {
    const index = reverse ? length - 1 - step : step;
    const slices = xs.map((array) => rowOf(array, index));
    const results = interpret(body, [...consts, ...carry, ...slices]);
    carry = results.slice(0, numCarry);
    results.slice(numCarry).forEach((y, i) => rowOf(ys[i], index).words.set(y.words));
  }
  return [...carry, ...ys];
}

/** A view of one row along the leading axis. */
function rowOf({ aval, words }: ReferenceArray, index: number): ReferenceArray {
  const shape = aval.shape.slice(1);
  const size = sizeOf(shape);
  const row: Words = words.subarray(index * size, (index + 1) * size);
  return { aval: { ...aval, shape }, words: row };
}

/** The index is clamped to the branches. */
function runCond(
  branches: readonly Program[],
  [index, ...operands]: readonly ReferenceArray[],
): readonly ReferenceArray[] {
  const chosen = Math.min(Math.max(index.words[0], 0), branches.length - 1);
  return interpret(branches[chosen], operands);
}

function runWhile(
  { condition, body, numConditionConsts, numBodyConsts }: WhileForm,
  inputs: readonly ReferenceArray[],
): readonly ReferenceArray[] {
  const conditionConsts = inputs.slice(0, numConditionConsts);
  const bodyConsts = inputs.slice(numConditionConsts, numConditionConsts + numBodyConsts);
  let carry = inputs.slice(numConditionConsts + numBodyConsts);
  while (interpret(condition, [...conditionConsts, ...carry])[0].words[0] !== 0) {
    carry = [...interpret(body, [...bodyConsts, ...carry])];
  }
  return carry;
}
