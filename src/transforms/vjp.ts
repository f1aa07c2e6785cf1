import { formatAval, sameArrayType } from "../core/aval.ts";
import { ShapeError } from "../core/errors.ts";
import { unflatten } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { eliminateDeadCode } from "../ir/passes/dce.ts";
import type { Tangent } from "../ir/primitive.ts";
import { newVar, subPrograms, type Program } from "../ir/program.ts";
import { alignTangents } from "./align-tangents.ts";
import { customVjpCall } from "./custom-vjp-primitive.ts";
import { calleeOf } from "./flat-function.ts";
import { jvpProgram } from "./jvp.ts";
import {
  linearizeProgram,
  type Linearized,
  type LinearizeSettings,
  type ResidualSource,
} from "./linearize.ts";
import { definedOnly, instantiate, pick, spread, tangentAval } from "./tangents.ts";
import { whilePrimitive } from "./while-primitive.ts";
import { applyProgram, gradientTree, linearizeCall, pullBackCall } from "./linearized-call.ts";

function checkCotangents(
  cotangents: readonly Tangent[],
  outputs: readonly Value[],
  where: string,
): void {
  outputs.forEach((output, i) => {
    const expected = tangentAval(output.aval);
    const cotangent = cotangents[i];
    if (cotangent && !sameArrayType(expected, cotangent.aval)) {
      throw new ShapeError("a cotangent does not fit its output", {
        where,
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
  const { name, where } = calleeOf(f, "vjp");
  const linearized = linearizeCall("vjp", f, args, undefined);
  const pullBack = (cotangent: Result): Args => {
    const { outputs, outputStructure } = linearized;
    const given = { leaves: outputs, structure: outputStructure };
    const cotangents = alignTangents(given, cotangent, where);
    checkCotangents(cotangents, outputs, where);
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
  const { name, where } = calleeOf(f, "linearize");
  const linearized = linearizeCall("linearize", f, args, undefined, pushForward);
  const push = (...tangents: Args): Result => {
    const { inputs, argumentStructure } = linearized;
    const given = { leaves: inputs, structure: argumentStructure };
    const directions = alignTangents(given, tangents, where);
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
 * The linear map for forward use. What only reverse mode may linearize (custom vjps, fused ones) or refuses to (loops of
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
      typeof primitive.vjp === "object" ||
      subPrograms(params).some(([, inner]) => needsForwardMode(inner)),
  );
