import { checkList, checkText } from "../core/arguments.ts";
import { asValue } from "./flat-function.ts";
import { requireProgram } from "../ir/program.ts";
import { ShapeError } from "../core/errors.ts";
import { formatAvals, sameArrayType, type Aval } from "../core/aval.ts";
import type { Value } from "../core/value.ts";
import { bind } from "../ir/interpreter.ts";
import {
  definePrimitive,
  type BatchAxis,
  type JvpResult,
  type Tangent,
  type TransposeOperand,
  type Primitive,
} from "../ir/primitive.ts";
import type { Atom, Program } from "../ir/program.ts";
import { batchProgram, moveMappedAxesToFront } from "./batch-program.ts";
import { jvpProgram } from "./jvp.ts";
import type { CallForm } from "../ir/control.ts";
import { memoizeByProgram } from "./memo.ts";
import { linearizeProgram, residualValues } from "./linearize.ts";
import { definedOnly, isNonZero, spread } from "./tangents.ts";
import { transposeProgram } from "./transpose.ts";

export type CallParams = CallForm & { readonly name: string };

/** Applies a program that stays a function in the compiled plan. */
export const call: Primitive<CallParams> = definePrimitive<CallParams>({
  name: "call",
  abstractEval: (inputs, { program, name }) => {
    checkOperands(inputs, program, name);
    return program.outputs.map((atom) => atom.aval);
  },
  jvp: pushThroughCall,
  linearize: (primals, tangents, { program, name }) => {
    const mask = tangents.map(isNonZero);
    const linearized = linearizeProgram(program, {
      mask,
      instantiate: program.outputs.map(() => false),
    });
    const results = callProgram(linearized.forward, [...linearized.constants, ...primals], name);
    const residuals = residualValues(linearized, primals, results);
    const outputTangents = callProgram(
      linearized.linear,
      [...residuals, ...definedOnly(tangents)],
      name,
    );
    return {
      primals: results.slice(0, program.outputs.length),
      tangents: spread(linearized.outputMask, outputTangents),
    };
  },
  transpose: (cotangents, operands, { program, name }) =>
    transposeCall(program, name, cotangents, operands),
  batch: (values, axes, { program, name }, size) => {
    const operands = moveMappedAxesToFront(values, axes);
    const batched = batchProgram(program, { axes: axes.map(isMapped), size, forced: [] });
    return {
      values: callProgram(batched.program, operands, name),
      axes: batched.outputMapped.map((mapped): BatchAxis => (mapped ? 0 : undefined)),
    };
  },
  lower: { kind: "control", form: "call" },
  reference: "byProgram",
});

/** The forward derivative of a call is a call. */
export function pushThroughCall(
  primals: readonly Value[],
  tangents: readonly Tangent[],
  { program, name }: CallParams,
): JvpResult {
  const mask = tangents.map(isNonZero);
  const derivative = jvpProgram(program, { mask, instantiate: program.outputs.map(() => false) });
  const results = callProgram(
    derivative.program,
    [...derivative.constants, ...primals, ...definedOnly(tangents)],
    name,
  );
  const outputs = results.slice(0, program.outputs.length);
  return {
    primals: outputs,
    tangents: spread(derivative.outputMask, results.slice(outputs.length)),
  };
}

const isMapped = (axis: BatchAxis): boolean => axis !== undefined;

/** Binds a `call`. Results that are operands of the program do not pass through it, which would copy them. */
export function callProgram(
  program: Program,
  operands: readonly Value[],
  name: string,
): readonly Value[] {
  const { program: computing, sources } = forwardInputs(program, undefined);
  const results = bind(call, operands, { program: computing, name });
  return sources.map(({ isInput, index }) => (isInput ? operands : results)[index]);
}

/**
 * Calls a program as one operation of that name.
 *
 * @throws ProgramError or ShapeError when there is no such program, or the operands do not fit it
 */
export function callGiven(
  program: Program,
  operands: readonly Value[],
  name: string,
): readonly Value[] {
  requireProgram(program, "call");
  checkText(name, "the name", "call");
  const values = checkList(operands, "the list of operands", "call");
  return callProgram(
    program,
    values.map((value) => asValue(value, "call")),
    name,
  );
}

interface Forwarding {
  /** The program without the outputs that are its inputs. */
  readonly program: Program;
  /** Where each output of the original comes from: the operands, or the results of `program`. */
  readonly sources: readonly { readonly isInput: boolean; readonly index: number }[];
}

const forwardInputs = memoizeByProgram<undefined, Forwarding>(
  () => "",
  (program) => {
    const inputs = new Map<Atom, number>(program.inputs.map((input, index) => [input, index]));
    const outputs = program.outputs.filter((atom) => !inputs.has(atom));
    let computed = 0;
    const sources = program.outputs.map((atom) => {
      const index = inputs.get(atom);
      return index === undefined ? { isInput: false, index: computed++ } : { isInput: true, index };
    });
    return {
      program: outputs.length < sources.length ? { ...program, outputs } : program,
      sources,
    };
  },
);

/** Cotangents of the linear operands of a call. */
export function transposeCall(
  program: Program,
  name: string,
  cotangents: readonly Tangent[],
  operands: readonly TransposeOperand[],
): readonly Tangent[] {
  const linear = operands.map((operand) => operand.linear);
  const transposed = transposeProgram(program, { linear, cotangents: cotangents.map(isNonZero) });
  const known = operands.flatMap((operand) => (operand.linear ? [] : [operand.value]));
  const results = callProgram(transposed.program, [...known, ...definedOnly(cotangents)], name);
  const ofLinear = spread(transposed.outputMask, results);
  let next = 0;
  return linear.map((isLinear) => (isLinear ? ofLinear[next++] : undefined));
}

function checkOperands(inputs: readonly Aval[], program: Program, name: string): void {
  const expected = program.inputs.map((input) => input.aval);
  if (
    inputs.length === expected.length &&
    inputs.every((aval, i) => sameArrayType(aval, expected[i]))
  )
    return;
  throw new ShapeError("operands do not fit the program", {
    where: name,
    expected: formatAvals(expected),
    got: formatAvals(inputs),
  });
}
