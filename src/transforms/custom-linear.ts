import type { Aval } from "../core/aval.ts";
import { DifferentiationError, ProgramError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import { bind } from "../ir/interpreter.ts";
import {
  definePrimitive,
  type FusedVjp,
  type JvpResult,
  type Params,
  type Primitive,
  type Tangent,
} from "../ir/primitive.ts";
import { definedOnly, hasTangent, isNonZero, pick, spread, tangentAval } from "./tangents.ts";

/** One cotangent for each direction, from one for each output (at least one of them not zero). */
type PullBack = (residuals: readonly Value[], cotangents: readonly Tangent[]) => readonly Tangent[];

interface LinearParams {
  /** Of the function whose derivative this is, for messages. */
  readonly name: string;
  readonly residualCount: number;
  /** Of the outputs' tangents. */
  readonly outputAvals: readonly Aval[];
  readonly pullBack: PullBack;
}

/**
 * Residuals, then the directions of the inputs, to the tangents of the outputs: a linear map of which only the transpose can be
 * computed. As JAX's `custom_lin`.
 */
export const customLinear: Primitive<LinearParams> = definePrimitive<LinearParams>({
  name: "customLinear",
  abstractEval: (_, { outputAvals }) => outputAvals,
  jvp: (_primals, _tangents, { name }) => refuseForward(name),
  transpose: (cotangents, operands, { residualCount, pullBack }) => {
    const residuals = operands
      .slice(0, residualCount)
      .flatMap((operand) => (operand.linear ? [] : [operand.value]));
    const results = pullBack(residuals, cotangents);
    return operands.map((operand, i): Tangent =>
      operand.linear ? results[i - residualCount] : undefined,
    );
  },
  batch: (_values, _axes, { name }) => refuseForward(name),
  lower: { kind: "control", form: "call" },
  reference: "byProgram",
});

function refuseForward(name: string): never {
  throw new DifferentiationError("a function with a custom vjp was linearized but not transposed", {
    where: name,
    fix: "Use grad or vjp instead of linearize or forward mode.",
  });
}

/** Outputs together with tangents that can only be pulled back. */
export function withPullBack(
  name: string,
  outputs: readonly Value[],
  residuals: readonly Value[],
  directions: readonly Value[],
  pullBack: PullBack,
): JvpResult {
  const differentiable = outputs.map((output) => hasTangent(output.aval));
  const tangents = bind(customLinear, [...residuals, ...directions], {
    name,
    residualCount: residuals.length,
    outputAvals: pick(outputs, differentiable).map((output) => tangentAval(output.aval)),
    pullBack: (known, cotangents) => pullBack(known, spread(differentiable, cotangents)),
  });
  return { primals: outputs, tangents: spread(differentiable, tangents) };
}

/** Reverse mode's rule of a kernel with a fused derivative. */
export function linearizeFused<P extends Params>(
  name: string,
  { forward, backward }: FusedVjp<P>,
  primals: readonly Value[],
  tangents: readonly Tangent[],
  params: P,
): JvpResult {
  const { outputs, residuals } = forward(primals, params);
  const varied = tangents.map(isNonZero);
  return withPullBack(name, outputs, residuals, definedOnly(tangents), (known, cotangents) => {
    const results = backward(known, cotangents, params);
    if (results.length === varied.length) return pick(results, varied);
    throw new ProgramError("a fused vjp returned the wrong number of cotangents", {
      where: name,
      expected: String(varied.length),
      got: String(results.length),
      fix: "Return one for every operand, undefined where it has none.",
    });
  });
}
