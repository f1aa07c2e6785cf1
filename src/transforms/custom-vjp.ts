import { formatAval, sameArrayType, type Aval } from "../core/aval.ts";
import { DifferentiationError, ShapeError, TreeError } from "../core/errors.ts";
import { flatten, unflatten, type TreeDef } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { stage, type ClosedProgram } from "../ir/builder.ts";
import { bind } from "../ir/interpreter.ts";
import { definePrimitive, type BatchAxis, type Tangent, type Primitive } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { reduceSum } from "../ir/ops.ts";
import { batchProgram, moveMappedAxesToFront } from "./batch-program.ts";
import { call, callProgram } from "./call.ts";
import { closedOverTensors } from "./closed-over.ts";
import { batchFlatJvp, type FlatJvp } from "./custom-jvp.ts";
import { flattenFunction, flattenValues, functionName } from "./flat-function.ts";

import { hasTangent, instantiate, tangentAval } from "./tangents.ts";

/** The two halves of a custom reverse rule as programs, recorded when first needed. */
interface CustomRule {
  readonly name: string;
  /** Inputs to outputs, then residuals. */
  readonly forward: () => ClosedProgram;
  /** Residuals, then a cotangent for every differentiable output, to cotangents of the differentiable inputs. */
  readonly backward: () => ClosedProgram;
  /** Flat derivative given by the user, if any. */
  readonly jvp?: FlatJvp;
}

interface CustomVjpParams {
  readonly program: Program;
  readonly name: string;
  readonly rule: CustomRule;
}

/** A call whose derivative is given by the user. */
export const customVjpCall: Primitive<CustomVjpParams> = definePrimitive<CustomVjpParams>({
  name: "customVjpCall",
  abstractEval: (inputs, { program, name }) => call.abstractEval(inputs, { program, name }),
  jvp: (primals, tangents, { rule, name }) => {
    if (!rule.jvp) {
      throw new DifferentiationError("this function has a custom vjp, so its jvp is not defined", {
        where: name,
        fix: "Use grad or vjp, or give customVjp a `jvp` as well.",
      });
    }
    const complete = primals.map((primal, i) => instantiate(tangents[i], primal.aval));
    return rule.jvp(primals, complete);
  },
  linearize: (primals, tangents, { program, rule, name }) => {
    const { program: forward, captured } = rule.forward();
    const results = callProgram(forward, [...captured, ...primals], name);
    const outputs = results.slice(0, program.outputs.length);
    // What the backward rule closed over travels with the residuals.
    const residuals = [...rule.backward().captured, ...results.slice(program.outputs.length)];
    const directions = primals.flatMap((primal, i) =>
      hasTangent(primal.aval) ? [tangents[i] ?? instantiate(undefined, primal.aval)] : [],
    );
    const outputAvals = outputs
      .filter((output) => hasTangent(output.aval))
      .map((output) => tangentAval(output.aval));
    const params: LinearParams = { rule, residualCount: residuals.length, outputAvals };
    const outputTangents = [...bind(customVjpLinear, [...residuals, ...directions], params)];
    return {
      primals: outputs,
      tangents: outputs.map((output) =>
        hasTangent(output.aval) ? outputTangents.shift() : undefined,
      ),
    };
  },
  transpose: "nonLinear",
  batch: (values, axes, { program, rule, name }, size) => {
    const operands = moveMappedAxesToFront(values, axes);
    const mapped = axes.map((axis) => axis !== undefined);
    const forced = program.outputs.map(() => true);
    const batched = batchProgram(program, { axes: mapped, size, forced });
    return {
      values: bind(customVjpCall, operands, {
        program: batched.program,
        name,
        rule: batchRule(rule, mapped, size),
      }),
      axes: program.outputs.map((): BatchAxis => 0),
    };
  },
  lower: { kind: "control", form: "call" },
  reference: "byProgram",
});

interface LinearParams {
  readonly rule: CustomRule;
  readonly residualCount: number;
  readonly outputAvals: readonly Aval[];
}

/** The custom rule as a linear map of the inputs' tangents; only its transpose can be computed. */
const customVjpLinear: Primitive<LinearParams> = definePrimitive<LinearParams>({
  name: "customVjpLinear",
  abstractEval: (_, { outputAvals }) => outputAvals,
  jvp: (_primals, _tangents, { rule }) => refuseForward(rule.name),
  transpose: (cotangents, operands, { rule, residualCount, outputAvals }) => {
    const residuals = operands
      .slice(0, residualCount)
      .flatMap((operand) => (operand.linear ? [] : [operand.value]));
    const complete = outputAvals.map((aval, i) => instantiate(cotangents[i], aval));
    const { program } = rule.backward();
    const results = callProgram(program, [...residuals, ...complete], `${rule.name}.backward`);
    return operands.map((operand, i): Tangent =>
      operand.linear ? results[i - residualCount] : undefined,
    );
  },
  batch: (_values, _axes, { rule }) => refuseForward(rule.name),
  lower: { kind: "control", form: "call" },
  reference: "byProgram",
});

function refuseForward(name: string): never {
  throw new DifferentiationError("a function with a custom vjp was linearized but not transposed", {
    where: name,
    fix: "Use grad or vjp instead of linearize or forward mode.",
  });
}

/** The rule of the mapped function: the derivative of the batch is the batch of the derivatives. */
function batchRule(rule: CustomRule, mapped: readonly boolean[], size: number): CustomRule {
  const forward = once((): ClosedProgram => {
    const { program, captured } = rule.forward();
    const batched = batchProgram(program, {
      axes: [...captured.map(() => false), ...mapped],
      size,
      forced: program.outputs.map(() => true),
    });
    return { program: batched.program, captured };
  });
  return {
    name: rule.name,
    forward,
    backward: once((): ClosedProgram => {
      const { program, captured } = rule.backward();
      const batched = batchProgram(program, {
        axes: program.inputs.map((_, i) => i >= captured.length),
        size,
        forced: program.outputs.map(() => true),
      });
      // Inputs that are shared by the batch get the sum of its cotangents.
      const inputAvals = rule.forward().program.inputs.slice(rule.forward().captured.length);
      const differentiable = inputAvals.map((input) => hasTangent(input.aval));
      const shared = mapped.filter((_, i) => differentiable[i]).map((isMapped) => !isMapped);
      const summed = stage(
        (...inputs) =>
          callProgram(batched.program, inputs, `${rule.name}.backward`).map((value, i) =>
            shared[i] ? reduceSum(value, [0]) : value,
          ),
        batched.program.inputs.map((input) => input.aval),
      );
      return { program: summed.program, captured };
    }),
    ...(rule.jvp && { jvp: batchFlatJvp(rule.jvp, mapped, size) }),
  };
}

function once<T>(create: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: create() }).value;
}

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
  const name = functionName(f);
  return (...args) => {
    const { leaves: inputs, structure } = flattenValues(args, name);
    const avals = inputs.map((input) => input.aval);
    const flat = flattenFunction(f, structure, name);
    const primal = closedOverTensors(stage(flat.call, avals), name);
    const resultStructure = flat.resultStructure();
    const outputAvals = primal.program.outputs.map((atom) => atom.aval);
    const rule = customRule(rules, { name, structure, avals, resultStructure, outputAvals });
    const { program, captured } = primal;
    const results = bind(customVjpCall, [...captured, ...inputs], {
      program,
      name,
      rule: captured.length > 0 ? withIgnoredInputs(rule, captured) : rule,
    });
    return unflatten<Result>(resultStructure, results);
  };
}

interface Signature {
  readonly name: string;
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
  { name, structure, avals, resultStructure, outputAvals }: Signature,
): CustomRule {
  let residualStructure: TreeDef | undefined;
  const forward = once((): ClosedProgram => {
    const traced = stage((...inputs) => {
      const [result, residuals] = rules.forward(...unflatten<Args>(structure, inputs));
      const flatResult = flattenValues(result, `${name}.forward`);
      checkForward(flatResult.leaves, outputAvals, name);
      const flatResiduals = flattenValues(residuals, `${name}.forward`);
      residualStructure = flatResiduals.structure;
      return [...flatResult.leaves, ...flatResiduals.leaves];
    }, avals);
    return closedOverTensors(traced, `${name}.forward`);
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
        return checkBackward(results, structure, avals, name);
      },
      [...residualAvals, ...cotangentAvals],
    );
    return closedOverTensors(traced, `${name}.backward`);
  });
  const { jvp } = rules;
  if (!jvp) return { name, forward, backward };
  return {
    name,
    forward,
    backward,
    jvp: (primals, tangents) => {
      const [result, tangent] = jvp(
        unflatten<Args>(structure, primals),
        unflatten<Args>(structure, tangents),
      );
      return {
        primals: flattenValues(result, name).leaves,
        tangents: flattenValues(tangent, name).leaves,
      };
    },
  };
}

/** The rule with leading inputs that have no cotangent: concrete arrays that `f` closed over. */
function withIgnoredInputs(rule: CustomRule, ignored: readonly Value[]): CustomRule {
  const extra = ignored.map((value) => value.aval);
  return {
    name: rule.name,
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

function checkForward(results: readonly Value[], expected: readonly Aval[], name: string): void {
  const same =
    results.length === expected.length &&
    results.every((value, i) => sameArrayType(value.aval, expected[i]));
  if (same) return;
  throw new ShapeError("forward does not return what the function returns", {
    where: name,
    expected: expected.map(formatAval).join(", "),
    got: results.map((value) => formatAval(value.aval)).join(", "),
  });
}

/** Flat cotangents of the differentiable inputs; null stands for zero. */
function checkBackward(
  results: readonly unknown[],
  structure: TreeDef,
  avals: readonly Aval[],
  name: string,
): readonly Value[] {
  const where = `${name}.backward`;
  if (!Array.isArray(results) || results.length !== structure.children.length) {
    throw new TreeError("backward must return one cotangent per argument", {
      where,
      expected: `${structure.children.length}`,
      got: String(Array.isArray(results) ? results.length : results),
    });
  }
  const cotangents: unknown[] = results.flatMap((result: unknown, index) =>
    cotangentLeaves(result, structure.children[index], where),
  );
  return cotangents.flatMap((cotangent, i) => {
    const aval = avals[i];
    if (!hasTangent(aval)) return [];
    if (cotangent === null) return [instantiate(undefined, aval)];
    const [value] = flattenValues([cotangent], where).leaves;
    if (!sameArrayType(value.aval, tangentAval(aval))) {
      throw new ShapeError(`cotangent ${i} has the wrong type`, {
        where,
        expected: formatAval(tangentAval(aval)),
        got: formatAval(value.aval),
      });
    }
    return [value];
  });
}

/** Leaves of one argument's cotangent; null may stand for any subtree. */
function cotangentLeaves(result: unknown, structure: TreeDef, where: string): unknown[] {
  if (result === null || result === undefined)
    return Array.from({ length: structure.leafCount }, () => null);
  const flat = flatten(result);
  if (flat.structure === structure) return [...flat.leaves];
  const children = childrenOf(result, structure, where);
  return structure.children.flatMap((child, i) => cotangentLeaves(children[i], child, where));
}

function childrenOf(result: unknown, structure: TreeDef, where: string): readonly unknown[] {
  if (
    structure.kind === "array" &&
    Array.isArray(result) &&
    result.length === structure.children.length
  ) {
    return result;
  }
  if (structure.kind === "object" && typeof result === "object" && result !== null) {
    return structure.keys.map((key) => (result as Readonly<Record<string, unknown>>)[key]);
  }
  throw new TreeError("a cotangent has another structure than its argument", {
    where,
    expected: structure.text,
    got: flatten(result).structure.text,
  });
}

export const customVjpPrimitives = [customVjpCall, customVjpLinear];
