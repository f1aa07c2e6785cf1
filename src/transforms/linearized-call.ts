import { flatten, paths, unflatten, type TreeDef } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { stage } from "../ir/builder.ts";
import { evaluateProgram } from "../ir/evaluate.ts";
import { currentInterpreter } from "../ir/interpreter.ts";
import type { Tangent } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { callProgram } from "./call.ts";
import {
  asArgument,
  isArrayOrNumber,
  notAnArray,
  asValue,
  flattenFunction,
  calleeOf,
} from "./flat-function.ts";
import { linearizeProgram, residualValues } from "./linearize.ts";
import { definedOnly, hasTangent, instantiate, pick, spread } from "./tangents.ts";
import { sharedProgram } from "./shared-program.ts";
import { transposeProgram } from "./transpose.ts";

// The user's function types pass through unchanged; inside, trees are flat lists of values.
export type AnyFunction = (...args: never[]) => unknown;

export interface LinearizedCall {
  readonly outputs: readonly Value[];
  readonly outputStructure: TreeDef;
  readonly inputs: readonly Value[];
  readonly argumentStructure: TreeDef;
  /** Over the inputs: which have tangents. */
  readonly mask: readonly boolean[];
  readonly outputMask: readonly boolean[];
  readonly linear: Program;
  readonly residuals: readonly Value[];
}

const isEvaluating = (): boolean => currentInterpreter().name === "evaluate";

/** At once a program is compiled as a whole; inside another trace its equations join the trace. */
export const applyProgram = (
  program: Program,
  operands: readonly Value[],
  name: string,
): readonly Value[] =>
  isEvaluating() ? callProgram(program, operands, name) : evaluateProgram(program, operands);

export function linearizeCall(
  caller: string,
  f: AnyFunction,
  args: readonly unknown[],
  wanted: readonly number[] | undefined,
  linearizer: typeof linearizeProgram = linearizeProgram,
): LinearizedCall {
  const { name, where } = calleeOf(f, caller);
  const { leaves, structure: argumentStructure } = flatten(args);
  const argumentOf = argumentIndices(argumentStructure);
  // What is differentiated is f32; beside it a number is what it is outside.
  const isWanted = (leaf: number): boolean => wanted?.includes(argumentOf[leaf]) ?? true;
  const inputs = leaves.map((leaf, i) => {
    if (!isArrayOrNumber(leaf)) throw notAnArray(leaf, paths(args)[i], where);
    return (isWanted(i) ? asValue : asArgument)(leaf, where);
  });
  const flat = flattenFunction(f, argumentStructure, where);
  const { program: staged, captured } = stage(
    flat.call,
    inputs.map((input) => input.aval),
  );
  const program = isEvaluating() ? sharedProgram(staged) : staged;
  const mask = inputs.map((input, i) => hasTangent(input.aval) && isWanted(i));
  const settings = {
    mask: [...captured.map(() => false), ...mask],
    instantiate: program.outputs.map(() => false),
  };
  const linearized = linearizer(program, settings);
  const operands = [...captured, ...inputs];
  const results = applyProgram(linearized.forward, [...linearized.constants, ...operands], name);
  return {
    outputs: results.slice(0, program.outputs.length),
    outputStructure: flat.resultStructure(),
    inputs,
    argumentStructure,
    mask,
    outputMask: linearized.outputMask,
    linear: linearized.linear,
    residuals: residualValues(linearized, operands, results),
  };
}

/** The index of the argument to which each leaf belongs. */
const argumentIndices = (structure: TreeDef): number[] =>
  structure.children.flatMap((child, index) =>
    Array.from({ length: child.leafCount }, () => index),
  );

export function pullBackCall(
  linearized: LinearizedCall,
  cotangents: readonly Tangent[],
  name: string,
): readonly Value[] {
  const { linear, residuals, mask, outputMask, inputs } = linearized;
  const linearInputs = linear.inputs.map((_, i) => i >= residuals.length);
  const transposed = transposeProgram(linear, {
    linear: linearInputs,
    cotangents: linear.outputs.map(() => true),
  });
  const relevant = definedOnly(cotangents.filter((_, i) => outputMask[i]));
  const results = applyProgram(transposed.program, [...residuals, ...relevant], `${name}.backward`);
  const ofTangents = spread(transposed.outputMask, results);
  return pick(inputs, mask).map((input, i) => instantiate(ofTangents[i], input.aval));
}

/** A cotangent tree like the arguments: null where an argument is an integer or bool array. */
export function gradientTree(linearized: LinearizedCall, gradients: readonly Value[]): unknown {
  const all = spread(linearized.mask, gradients).map((gradient) => gradient ?? null);
  return unflatten(linearized.argumentStructure, all);
}
