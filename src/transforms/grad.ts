import { checkList, checkOptions } from "../core/arguments.ts";
import { checkWhole } from "../core/whole.ts";
import { formatAval, type Aval } from "../core/aval.ts";
import { DifferentiationError, DTypeError, TreeError } from "../core/errors.ts";
import { paths, unflatten } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { fullLike } from "../ir/ops.ts";
import { flattenValues, calleeOf } from "./flat-function.ts";
import { hasTangent, instantiate } from "./tangents.ts";
import {
  gradientTree,
  linearizeCall,
  pullBackCall,
  type LinearizedCall,
} from "./linearized-call.ts";

/** Positions of arguments: one, or a list. */
export type Positions = number | readonly number[];

export interface GradOptions<
  Argnums extends Positions = Positions,
  HasAux extends boolean = boolean,
> {
  /** Positions of the arguments to differentiate; the default is 0. A list gives a list of gradients. */
  readonly argnums?: Argnums;
  /** The function returns `[loss, auxiliary]`; only the loss is differentiated. */
  readonly hasAux?: HasAux;
}

/** The gradient has the type of its argument; of one that may also be a number or a list, it is an array. */
type GradientOf<Arg> = unknown extends Arg ? Arg : Value extends Arg ? Value : Arg;

/** One gradient for one position, a list for a list. */
export type Gradients<Args extends readonly unknown[], Argnums> = Argnums extends number
  ? GradientOf<Args[Argnums]>
  : { [K in keyof Argnums]: Argnums[K] extends number ? GradientOf<Args[Argnums[K]]> : never };

type Auxiliary<Result> = Result extends readonly [unknown, infer Aux] ? Aux : unknown;

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
): (...args: Args) => [Result, GradientOf<Args[0]>];
export function valueAndGrad<
  Args extends readonly unknown[] = readonly Value[],
  Result = Value,
  const Argnums extends Positions = 0,
>(
  f: (...args: Args) => Result,
  options?: GradOptions<Argnums>,
): (...args: Args) => [Result, Gradients<Args, Argnums>];
export function valueAndGrad(
  f: (...args: unknown[]) => unknown,
  options: GradOptions = {},
): (...args: unknown[]) => [unknown, unknown] {
  return differentiate(f, options, "valueAndGrad");
}

function differentiate(
  f: (...args: unknown[]) => unknown,
  options: GradOptions,
  where: string,
): (...args: unknown[]) => [unknown, unknown] {
  const { name, where: called } = calleeOf(f, where);
  checkOptions(options, { argnums: "any", hasAux: "flag" }, where);
  const argnums = options.argnums ?? 0;
  const wanted = typeof argnums === "number" ? [argnums] : checkList(argnums, "argnums", where);
  for (const index of wanted) checkWhole(index, "argnums", where, 0);
  return (...args) => {
    checkArguments(args, wanted, called);
    const linearized = linearizeCall(where, f, args, wanted);
    const loss = lossOf(linearized, options.hasAux ?? false, called);
    const cotangents = linearized.outputs.map((output, i) =>
      i === 0 ? fullLike(loss, 1) : instantiate(undefined, output.aval),
    );
    const gradients = gradientTree(
      linearized,
      pullBackCall(linearized, cotangents, name),
    ) as readonly unknown[];
    const value = unflatten(linearized.outputStructure, linearized.outputs);
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
): (...args: Args) => GradientOf<Args[0]>;
export function grad<
  Args extends readonly unknown[] = readonly Value[],
  Result = Value,
  const Argnums extends Positions = 0,
  HasAux extends boolean = false,
>(
  f: (...args: Args) => Result,
  options?: GradOptions<Argnums, HasAux>,
): (
  ...args: Args
) => HasAux extends true ? [Gradients<Args, Argnums>, Auxiliary<Result>] : Gradients<Args, Argnums>;
export function grad(
  f: (...args: unknown[]) => unknown,
  options: GradOptions = {},
): (...args: unknown[]) => unknown {
  const both = differentiate(f, options, "grad");
  return (...args) => {
    const [value, gradients] = both(...args);
    return options.hasAux ? [gradients, (value as readonly unknown[])[1]] : gradients;
  };
}

function lossOf(linearized: LinearizedCall, hasAux: boolean, where: string): Value {
  const { outputs, outputStructure } = linearized;
  if (hasAux && (outputStructure.kind !== "array" || outputStructure.children.length !== 2)) {
    throw new TreeError("with hasAux the function must return [loss, auxiliary]", {
      where,
      got: outputStructure.text,
    });
  }
  const lossStructure = hasAux ? outputStructure.children[0] : outputStructure;
  const loss = outputs[0];
  if (lossStructure.kind === "leaf" && loss.dtype === "f32" && loss.shape.length === 0) return loss;
  throw new DifferentiationError("only scalar functions have a gradient", {
    where,
    expected: "one f32[]",
    got: lossStructure.kind === "leaf" ? formatAval(loss.aval) : `the tree ${lossStructure.text}`,
    fix: "Reduce the result with sum or mean, or use vjp for other cotangents.",
  });
}

function checkArguments(args: readonly unknown[], wanted: readonly number[], where: string): void {
  for (const index of wanted) {
    if (index < 0 || index >= args.length) {
      throw new DifferentiationError("argnums names an argument that is not there", {
        where,
        expected: `indices from 0 to ${args.length - 1}`,
        got: String(index),
      });
    }
    const { leaves } = flattenValues(args[index], where);
    const bad = leaves.findIndex((leaf) => !hasTangent(leaf.aval));
    if (bad >= 0) throw integerGradient(leaves[bad].aval, paths(args[index])[bad], index, where);
  }
}

const integerGradient = (aval: Aval, path: string, index: number, where: string): DTypeError =>
  new DTypeError("an integer or bool array has no gradient", {
    where: `${where}, argument ${index}${path ? `, leaf ${path}` : ""}`,
    expected: "f32",
    got: formatAval(aval),
    fix: "Convert it to f32, or pass it as another argument (see argnums).",
  });
