import { checkFunction } from "../core/arguments.ts";
import { unflatten } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { stage } from "../ir/builder.ts";
import { bind } from "../ir/interpreter.ts";
import { definePrimitive, type BatchAxis, type Primitive } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { mappedAt } from "../primitives/batch-axes.ts";
import { batchOf, batchProgram, moveMappedAxesToFront } from "./batch-program.ts";
import { call } from "./call.ts";
import { closedOverTensors } from "./closed-over.ts";
import {
  flattenArguments,
  flattenFunction,
  flattenResults,
  flattenValues,
  calleeOf,
} from "./flat-function.ts";
import { linearizeThrough } from "./linearize.ts";
import { instantiate } from "./tangents.ts";

/** A derivative on flat lists of values. */
export type FlatJvp = (
  primals: readonly Value[],
  tangents: readonly Value[],
) => { readonly primals: readonly Value[]; readonly tangents: readonly Value[] };

interface CustomJvpParams {
  readonly program: Program;
  readonly name: string;
  /** Linear in the tangents: reverse mode transposes what it records. */
  readonly rule: FlatJvp;
}

/** A call whose forward derivative is given by the user; reverse mode follows from it. */
export const customJvpCall: Primitive<CustomJvpParams> = definePrimitive<CustomJvpParams>({
  name: "customJvpCall",
  abstractEval: (inputs, { program, name }) => call.abstractEval(inputs, { program, name }),
  jvp: (primals, tangents, { rule }) =>
    rule(
      primals,
      primals.map((primal, i) => instantiate(tangents[i], primal.aval)),
    ),
  // The rule is linear in the tangents: it is its own derivative with respect to them, at zero.
  linearize: (primals, tangents, { rule }) => {
    const derivative = (...directions: Value[]): readonly Value[] => {
      const result = rule(primals, directions);
      return [...result.primals, ...result.tangents];
    };
    const zeros = primals.map((primal) => instantiate(undefined, primal.aval));
    const both = linearizeThrough(derivative, zeros, tangents);
    const count = both.primals.length / 2;
    return { primals: both.primals.slice(0, count), tangents: both.tangents.slice(count) };
  },
  transpose: "nonLinear",
  batch: (values, axes, { program, name, rule }, size) => {
    const mapped = axes.map((axis) => axis !== undefined);
    const batched = batchProgram(program, {
      axes: mapped,
      size,
      forced: program.outputs.map(() => true),
    });
    return {
      values: bind(customJvpCall, moveMappedAxesToFront(values, axes), {
        program: batched.program,
        name,
        rule: batchFlatJvp(rule, mapped, size),
      }),
      axes: program.outputs.map((): BatchAxis => 0),
    };
  },
  lower: { kind: "control", form: "call" },
  reference: "byProgram",
});

/** The rule on mapped values: primals and tangents are mapped alike, every result is mapped. */
export const batchFlatJvp =
  (rule: FlatJvp, mapped: readonly boolean[], size: number): FlatJvp =>
  (primals, tangents) => {
    const axes = mapped.map((isMapped): BatchAxis => (isMapped ? 0 : undefined));
    const result = batchOf(
      (...values) => {
        const derivative = rule(values.slice(0, primals.length), values.slice(primals.length));
        return [...derivative.primals, ...derivative.tangents];
      },
      [...primals, ...tangents],
      [...axes, ...axes],
      size,
    );
    const moved = result.values.map((value, i) => mappedAt(value, result.axes[i], 0, size));
    const count = moved.length / 2;
    return { primals: moved.slice(0, count), tangents: moved.slice(count) };
  };

/**
 * A function with a forward derivative of its own: `rule(primals, tangents)` returns the result
 * and its tangent, linear in the tangents. Reverse mode follows by transposition. As `jax.custom_jvp`.
 *
 * @example
 * import { customJvp, grad } from "reformax";
 * import { array, exp, mul } from "reformax/numpy";
 * const f = customJvp((x) => exp(x), ([x], [dx]) => [exp(x), mul(dx, 3)]);
 * console.log(grad(f)(array(0)).item()); // => 3
 */
export function customJvp<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  rule: (primals: Args, tangents: Args) => readonly [Result, Result],
): (...args: Args) => Result {
  const { name, where } = calleeOf(f, "customJvp");
  checkFunction(rule, "the rule", "customJvp");
  return (...args) => {
    const { leaves: inputs, structure } = flattenArguments(args, where);
    const flat = flattenFunction(f, structure, where);
    const avals = inputs.map((input) => input.aval);
    const { program, captured } = closedOverTensors(stage(flat.call, avals), where);
    const flatRule: FlatJvp = (primals, tangents) => {
      const own = (values: readonly Value[]): Args =>
        unflatten<Args>(structure, values.slice(captured.length));
      const [result, tangent] = rule(own(primals), own(tangents));
      return {
        primals: flattenResults(result, where).leaves,
        tangents: flattenValues(tangent, where).leaves,
      };
    };
    const results = bind(customJvpCall, [...captured, ...inputs], {
      program,
      name,
      rule: flatRule,
    });
    return unflatten<Result>(flat.resultStructure(), results);
  };
}
