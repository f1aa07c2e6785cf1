import type { Aval } from "../core/aval.ts";
import { checkOptions, checkParts } from "../core/arguments.ts";
import { unflatten, type TreeDef } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { stage, type ClosedProgram } from "../ir/builder.ts";
import { bind } from "../ir/interpreter.ts";
import { callProgram } from "./call.ts";
import { closedOverTensors } from "./closed-over.ts";
import type { FlatJvp } from "./custom-jvp.ts";
import {
  flattenArguments,
  flattenFunction,
  flattenResults,
  flattenValues,
  calleeOf,
  type Callee,
} from "./flat-function.ts";
import { hasTangent, instantiate, tangentAval } from "./tangents.ts";
import { customVjpCall, once, type CustomRule } from "./custom-vjp-primitive.ts";
import { checkBackward, checkForward } from "./custom-vjp-checks.ts";

export interface CustomVjpRules<
  Args extends readonly unknown[] = readonly Value[],
  Result = Value,
  Residuals = unknown,
> {
  /** The result, and what the backward pass needs (a tree of arrays). */
  readonly forward: (...args: Args) => readonly [Result, Residuals];
  /**
   * Cotangents of the arguments from the residuals and the result's cotangent: one tree per
   * argument; null where an argument has no cotangent (integers) or a zero one.
   */
  readonly backward: (residuals: Residuals, cotangent: Result) => readonly unknown[];
  /** Forward derivative, if the function should have one. */
  readonly jvp?: (primals: Args, tangents: Args) => readonly [Result, Result];
}

/**
 * A function with a reverse derivative of its own. The rule is used by `grad` and `vjp`; forward
 * mode is an error unless `jvp` is given. Arrays that the functions need must be arguments, not
 * closed-over traced values. As `jax.custom_vjp`.
 *
 * @example
 * import { customVjp, grad } from "reformax";
 * import { array, exp, mul } from "reformax/numpy";
 * const clipped = customVjp((x) => exp(x), {
 *   forward: (x) => [exp(x), exp(x)],
 *   backward: (y, dy) => [mul(y, mul(dy, 0.5))],
 * });
 * console.log(grad(clipped)(array(0)).item()); // => 0.5
 */
export function customVjp<
  Args extends readonly unknown[] = readonly Value[],
  Result = Value,
  Residuals = unknown,
>(
  f: (...args: Args) => Result,
  rules: CustomVjpRules<Args, Result, Residuals>,
): (...args: Args) => Result {
  const callee = calleeOf(f, "customVjp");
  const { name, where } = callee;
  checkParts(rules, ["forward", "backward"], "rules", "customVjp");
  checkOptions(rules, { forward: "function", backward: "function", jvp: "function" }, "customVjp");
  return (...args) => {
    const { leaves: inputs, structure } = flattenArguments(args, where);
    const avals = inputs.map((input) => input.aval);
    const flat = flattenFunction(f, structure, where);
    const primal = closedOverTensors(stage(flat.call, avals), where);
    const resultStructure = flat.resultStructure();
    const outputAvals = primal.program.outputs.map((atom) => atom.aval);
    const rule = customRule(rules, { ...callee, structure, avals, resultStructure, outputAvals });
    const { program, captured } = primal;
    const results = bind(customVjpCall, [...captured, ...inputs], {
      program,
      name,
      rule: captured.length > 0 ? withIgnoredInputs(rule, captured) : rule,
    });
    return unflatten<Result>(resultStructure, results);
  };
}

interface Signature extends Callee {
  readonly structure: TreeDef;
  readonly avals: readonly Aval[];
  readonly resultStructure: TreeDef;
  readonly outputAvals: readonly Aval[];
}

function customRule<
  Args extends readonly unknown[] = readonly Value[],
  Result = Value,
  Residuals = unknown,
>(
  rules: CustomVjpRules<Args, Result, Residuals>,
  { name, where, structure, avals, resultStructure, outputAvals }: Signature,
): CustomRule {
  let residualStructure: TreeDef | undefined;
  const forward = once((): ClosedProgram => {
    const traced = stage((...inputs) => {
      const [result, residuals] = rules.forward(...unflatten<Args>(structure, inputs));
      const flatResult = flattenResults(result, `the forward rule of ${where}`);
      checkForward(flatResult.leaves, outputAvals, where);
      const flatResiduals = flattenValues(residuals, `the forward rule of ${where}`);
      residualStructure = flatResiduals.structure;
      return [...flatResult.leaves, ...flatResiduals.leaves];
    }, avals);
    return closedOverTensors(traced, `the forward rule of ${where}`);
  });
  const backward = once((): ClosedProgram => {
    const residualAvals = forward()
      .program.outputs.slice(outputAvals.length)
      .map((atom) => atom.aval);
    const cotangentAvals = outputAvals.filter(hasTangent).map(tangentAval);
    const traced = stage(
      (...inputs) => {
        const residuals = unflatten<Residuals>(
          residualStructure ?? structure,
          inputs.slice(0, residualAvals.length),
        );
        const given = inputs.slice(residualAvals.length);
        const cotangents = outputAvals.map((aval) => (hasTangent(aval) ? given.shift() : null));
        const results = rules.backward(residuals, unflatten<Result>(resultStructure, cotangents));
        return checkBackward(results, structure, avals, where);
      },
      [...residualAvals, ...cotangentAvals],
    );
    return closedOverTensors(traced, `the backward rule of ${where}`);
  });
  const { jvp } = rules;
  if (!jvp) return { name, where: () => where, forward, backward };
  return {
    name,
    where: () => where,
    forward,
    backward,
    jvp: (primals, tangents) => {
      const [result, tangent] = jvp(
        unflatten<Args>(structure, primals),
        unflatten<Args>(structure, tangents),
      );
      return {
        primals: flattenResults(result, where).leaves,
        tangents: flattenValues(tangent, where).leaves,
      };
    },
  };
}

/** The rule with leading inputs that have no cotangent: concrete arrays that `f` closed over. */
function withIgnoredInputs(rule: CustomRule, ignored: readonly Value[]): CustomRule {
  const extra = ignored.map((value) => value.aval);
  return {
    name: rule.name,
    where: rule.where,
    forward: once(() => {
      const { program, captured } = rule.forward();
      const avals = program.inputs.slice(captured.length).map((input) => input.aval);
      return stage(
        (...inputs) =>
          callProgram(program, [...captured, ...inputs.slice(extra.length)], rule.name),
        [...extra, ...avals],
      );
    }),
    backward: once(() => {
      const { program, captured } = rule.backward();
      const avals = program.inputs.slice(captured.length).map((input) => input.aval);
      return stage((...inputs) => {
        const zeros = extra.filter(hasTangent).map((aval) => instantiate(undefined, aval));
        return [...zeros, ...callProgram(program, [...captured, ...inputs], rule.name)];
      }, avals);
    }),
    ...(rule.jvp && {
      jvp: dropLeading(rule.jvp, extra.length),
    }),
  };
}

const dropLeading =
  (jvp: FlatJvp, count: number): FlatJvp =>
  (primals, tangents) =>
    jvp(primals.slice(count), tangents.slice(count));
