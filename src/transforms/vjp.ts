import { formatAval, sameArrayType, type Aval } from "../core/aval.ts";
import { DifferentiationError, DTypeError, ShapeError, TreeError } from "../core/errors.ts";
import { paths, unflatten, type TreeDef } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { stage } from "../ir/builder.ts";
import { evaluateProgram } from "../ir/evaluate.ts";
import { currentInterpreter } from "../ir/interpreter.ts";
import { fullLike } from "../ir/ops.ts";
import { eliminateDeadCode } from "../ir/passes/dce.ts";
import type { Tangent } from "../ir/primitive.ts";
import { newVar, subPrograms, type Program } from "../ir/program.ts";
import { alignTangents } from "./align-tangents.ts";
import { callProgram } from "./call.ts";
import { customVjpCall } from "./custom-vjp.ts";
import { flattenFunction, flattenValues, functionName } from "./flat-function.ts";
import { jvpProgram } from "./jvp.ts";
import {
  linearizeProgram,
  residualValues,
  type Linearized,
  type LinearizeSettings,
  type ResidualSource,
} from "./linearize.ts";
import { definedOnly, hasTangent, instantiate, pick, spread, tangentAval } from "./tangents.ts";
import { transposeProgram } from "./transpose.ts";
import { whilePrimitive } from "./while.ts";

// The user's function types pass through unchanged; inside, trees are flat lists of values.
type AnyFunction = (...args: never[]) => unknown;

interface LinearizedCall {
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

/** At once a program is compiled as a whole; inside another trace its equations join the trace. */
const applyProgram = (
  program: Program,
  operands: readonly Value[],
  name: string,
): readonly Value[] =>
  currentInterpreter().name === "evaluate"
    ? callProgram(program, operands, name)
    : evaluateProgram(program, operands);

function linearizeCall(
  f: AnyFunction,
  args: readonly unknown[],
  wanted: readonly number[] | undefined,
  linearizer: typeof linearizeProgram = linearizeProgram,
): LinearizedCall {
  const name = functionName(f);
  const { leaves: inputs, structure: argumentStructure } = flattenValues(args, name);
  const argumentOf = argumentIndices(argumentStructure);
  const flat = flattenFunction(f, argumentStructure, name);
  const { program, captured } = stage(
    flat.call,
    inputs.map((input) => input.aval),
  );
  const mask = inputs.map(
    (input, i) => hasTangent(input.aval) && (wanted?.includes(argumentOf[i]) ?? true),
  );
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

function pullBackCall(
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
function gradientTree(linearized: LinearizedCall, gradients: readonly Value[]): unknown {
  const all = spread(linearized.mask, gradients).map((gradient) => gradient ?? null);
  return unflatten(linearized.argumentStructure, all);
}

function checkCotangents(
  cotangents: readonly Tangent[],
  outputs: readonly Value[],
  name: string,
): void {
  outputs.forEach((output, i) => {
    const expected = tangentAval(output.aval);
    const cotangent = cotangents[i];
    if (cotangent && !sameArrayType(expected, cotangent.aval)) {
      throw new ShapeError("a cotangent does not fit its output", {
        where: `vjp of ${name}`,
        expected: formatAval(expected),
        got: formatAval(cotangent.aval),
      });
    }
  });
}

/**
 * Value of `f` and its pull-back: the function from output cotangents to input cotangents.
 * Cotangents of integer and bool arrays are null. As `jax.vjp`.
 *
 * @example
 * import { vjp } from "reformax";
 * import { array, sin } from "reformax/numpy";
 * const [y, pullBack] = vjp((x) => sin(x), array([0, 1]));
 * const [dx] = pullBack(array([1, 1]));
 * console.log(dx.shape); // => [ 2 ]
 */
export function vjp<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  ...args: Args
): [Result, (cotangent: Result) => Args] {
  const name = functionName(f);
  const linearized = linearizeCall(f, args, undefined);
  const pullBack = (cotangent: Result): Args => {
    const { outputs, outputStructure } = linearized;
    const given = { leaves: outputs, structure: outputStructure };
    const cotangents = alignTangents(given, cotangent, `vjp of ${name}`);
    checkCotangents(cotangents, outputs, name);
    return gradientTree(linearized, pullBackCall(linearized, cotangents, name)) as Args;
  };
  return [unflatten<Result>(linearized.outputStructure, linearized.outputs), pullBack];
}

/**
 * Value of `f` and the linear map from input tangents to output tangents. As `jax.linearize`.
 *
 * @example
 * import { linearize } from "reformax";
 * import { array, square } from "reformax/numpy";
 * const [, push] = linearize((x) => square(x), array([1, 3]));
 * console.log(push(array([1, 1])).toArray()); // => [ 2, 6 ]
 */
export function linearize<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  ...args: Args
): [Result, (...tangents: Args) => Result] {
  const name = functionName(f);
  const linearized = linearizeCall(f, args, undefined, pushForward);
  const push = (...tangents: Args): Result => {
    const { inputs, argumentStructure } = linearized;
    const given = { leaves: inputs, structure: argumentStructure };
    const directions = alignTangents(given, tangents, `linearize of ${name}`);
    const relevant = definedOnly(pick(directions, linearized.mask));
    const results = applyProgram(
      linearized.linear,
      [...linearized.residuals, ...relevant],
      `${name}.linear`,
    );
    const outputs = spread(linearized.outputMask, results).map((tangent, i) =>
      instantiate(tangent, linearized.outputs[i].aval),
    );
    return unflatten<Result>(linearized.outputStructure, outputs);
  };
  return [unflatten<Result>(linearized.outputStructure, linearized.outputs), push];
}

/**
 * The linear map for forward use. What only reverse mode may linearize (custom vjps) or refuses to (loops of
 * unknown length) goes through the forward derivative, which computes the primal values again.
 */
function pushForward(program: Program, settings: LinearizeSettings): Linearized {
  if (!needsForwardMode(program)) return linearizeProgram(program, settings);
  const { constants, program: derivative, outputMask } = jvpProgram(program, settings);
  const hidden = constants.map((value) => newVar(value.aval));
  const count = program.outputs.length;
  return {
    constants,
    forward: {
      ...program,
      inputs: [...hidden, ...program.inputs],
      outputs: [...program.outputs, ...hidden],
    },
    linear: eliminateDeadCode({ ...derivative, outputs: derivative.outputs.slice(count) }),
    residuals: [
      ...constants.map((_, i): ResidualSource => ({ kind: "output", index: count + i })),
      ...program.inputs.map((_, index): ResidualSource => ({ kind: "input", index })),
    ],
    outputMask,
  };
}

const needsForwardMode = (program: Program): boolean =>
  program.equations.some(
    ({ primitive, params }) =>
      primitive === whilePrimitive ||
      primitive === customVjpCall ||
      subPrograms(params).some(([, inner]) => needsForwardMode(inner)),
  );

export interface GradOptions {
  /** Positions of the arguments to differentiate; the default is 0. A list gives a list of gradients. */
  readonly argnums?: number | readonly number[];
  /** The function returns `[loss, auxiliary]`; only the loss is differentiated. */
  readonly hasAux?: boolean;
}

/**
 * The function that returns the value and the gradient of `f`, a scalar f32 function of trees.
 * As `jax.value_and_grad`.
 *
 * @throws DifferentiationError when `f` does not return one f32 scalar
 * @example
 * import { valueAndGrad } from "reformax";
 * import { array, sum, square } from "reformax/numpy";
 * const [loss, gradient] = valueAndGrad((x) => sum(square(x)))(array([1, 2]));
 * console.log(loss.item(), gradient.toArray()); // => 5 [ 2, 4 ]
 */
export function valueAndGrad<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  options?: { readonly argnums?: undefined; readonly hasAux?: boolean },
): (...args: Args) => [Result, Args[0]];
export function valueAndGrad<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  options: GradOptions,
): (...args: Args) => [Result, unknown];
export function valueAndGrad<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  options: GradOptions = {},
): (...args: Args) => [Result, unknown] {
  const name = functionName(f);
  const argnums = options.argnums ?? 0;
  const wanted = typeof argnums === "number" ? [argnums] : argnums;
  return (...args) => {
    checkArguments(args, wanted, name);
    const linearized = linearizeCall(f, args, wanted);
    const loss = lossOf(linearized, options.hasAux ?? false, name);
    const cotangents = linearized.outputs.map((output, i) =>
      i === 0 ? fullLike(loss, 1) : instantiate(undefined, output.aval),
    );
    const gradients = gradientTree(
      linearized,
      pullBackCall(linearized, cotangents, name),
    ) as readonly unknown[];
    const value = unflatten<Result>(linearized.outputStructure, linearized.outputs);
    return [
      value,
      typeof argnums === "number" ? gradients[argnums] : argnums.map((index) => gradients[index]),
    ];
  };
}

/**
 * The function that returns the gradient of `f` with respect to its first (or the chosen)
 * argument. As `jax.grad`.
 *
 * @example
 * import { grad } from "reformax";
 * import { array, sin } from "reformax/numpy";
 * console.log(grad((x) => sin(x))(array(0)).item()); // => 1
 */
export function grad<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  options?: { readonly argnums?: undefined; readonly hasAux?: false },
): (...args: Args) => Args[0];
export function grad<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  options: GradOptions,
): (...args: Args) => unknown;
export function grad<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  options: GradOptions = {},
): (...args: Args) => unknown {
  const both = valueAndGrad(f, options);
  return (...args) => {
    const [value, gradients] = both(...args);
    return options.hasAux ? [gradients, (value as readonly unknown[])[1]] : gradients;
  };
}

function lossOf(linearized: LinearizedCall, hasAux: boolean, name: string): Value {
  const { outputs, outputStructure } = linearized;
  if (hasAux && (outputStructure.kind !== "array" || outputStructure.children.length !== 2)) {
    throw new TreeError("with hasAux the function must return [loss, auxiliary]", {
      where: `grad of ${name}`,
      got: outputStructure.text,
    });
  }
  const lossStructure = hasAux ? outputStructure.children[0] : outputStructure;
  const loss = outputs[0];
  if (lossStructure.kind === "leaf" && loss.dtype === "f32" && loss.shape.length === 0) return loss;
  throw new DifferentiationError("only scalar functions have a gradient", {
    where: `grad of ${name}`,
    expected: "one f32[]",
    got: lossStructure.kind === "leaf" ? formatAval(loss.aval) : `the tree ${lossStructure.text}`,
    fix: "Reduce the result with sum or mean, or use vjp for other cotangents.",
  });
}

function checkArguments(args: readonly unknown[], wanted: readonly number[], name: string): void {
  for (const index of wanted) {
    if (index < 0 || index >= args.length) {
      throw new DifferentiationError("argnums names an argument that is not there", {
        where: `grad of ${name}`,
        expected: `indices from 0 to ${args.length - 1}`,
        got: String(index),
      });
    }
    const { leaves } = flattenValues(args[index], name);
    const bad = leaves.findIndex((leaf) => !hasTangent(leaf.aval));
    if (bad >= 0) throw integerGradient(leaves[bad].aval, paths(args[index])[bad], index, name);
  }
}

const integerGradient = (aval: Aval, path: string, index: number, name: string): DTypeError =>
  new DTypeError("an integer or bool array has no gradient", {
    where: `grad of ${name}, argument ${index}${path ? `, leaf ${path}` : ""}`,
    expected: "f32",
    got: formatAval(aval),
    fix: "Convert it to f32, or pass it as another argument (see argnums).",
  });
