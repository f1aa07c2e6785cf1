import type { Value } from "../core/value.ts";
import { unflatten } from "../core/tree.ts";
import { stage, stageClosed } from "../ir/builder.ts";
import { evaluateProgram } from "../ir/evaluate.ts";
import { bind } from "../ir/interpreter.ts";
import { definePrimitive, type BatchAxis, type Primitive } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { batchProgram, moveMappedAxesToFront } from "./batch-program.ts";
import { call, callProgram, pushThroughCall, type CallParams } from "./call.ts";
import { flattenArguments, flattenFunction, calleeOf } from "./flat-function.ts";
import { linearizeProgram, residualValues, type Linearized } from "./linearize.ts";
import { definedOnly, isNonZero, pick, spread, tangentAval } from "./tangents.ts";

/** A call whose intermediate values are computed again in the backward pass. */
export const checkpointCall: Primitive<CallParams> = definePrimitive<CallParams>({
  name: "checkpoint",
  abstractEval: (inputs, params) => call.abstractEval(inputs, params),
  jvp: pushThroughCall,
  linearize: (primals, tangents, { program, name }) => {
    const mask = tangents.map(isNonZero);
    const linearized = linearizeProgram(program, {
      mask,
      instantiate: program.outputs.map(() => false),
    });
    const outputs = bind(checkpointCall, primals, { program, name });
    const tangentProgram = recomputeThenPush(program, linearized, mask);
    const operands = [...linearized.constants, ...primals, ...definedOnly(tangents)];
    const outputTangents = callProgram(tangentProgram, operands, name);
    return { primals: outputs, tangents: spread(linearized.outputMask, outputTangents) };
  },
  transpose: call.transpose,
  batch: (values, axes, { program, name }, size) => {
    const mapped = axes.map((axis) => axis !== undefined);
    const batched = batchProgram(program, { axes: mapped, size, forced: [] });
    return {
      values: bind(checkpointCall, moveMappedAxesToFront(values, axes), {
        program: batched.program,
        name,
      }),
      axes: batched.outputMapped.map((isMapped): BatchAxis => (isMapped ? 0 : undefined)),
    };
  },
  lower: { kind: "control", form: "call", inline: false },
  reference: "byProgram",
});

/** (constants, primals, tangents) to output tangents: the forward part is not linear and runs when transposed. */
function recomputeThenPush(
  program: Program,
  linearized: Linearized,
  mask: readonly boolean[],
): Program {
  const known = linearized.forward.inputs.map((input) => input.aval);
  const tangents = pick(program.inputs, mask).map((input) => tangentAval(input.aval));
  return stageClosed(
    (...values) => {
      const operands = values.slice(0, known.length);
      const results = evaluateProgram(linearized.forward, operands);
      const primals = operands.slice(linearized.constants.length);
      const residuals = residualValues(linearized, primals, results);
      return evaluateProgram(linearized.linear, [...residuals, ...values.slice(known.length)]);
    },
    [...known, ...tangents],
  );
}

/**
 * `f`, whose backward pass recomputes its intermediate values instead of storing them.
 * As `jax.checkpoint`.
 *
 * @example
 * import { checkpoint, grad } from "reformax";
 * import { array, sin } from "reformax/numpy";
 * console.log(grad(checkpoint((x) => sin(sin(x))))(array(0)).item()); // => 1
 */
export function checkpoint<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
): (...args: Args) => Result {
  const { name, where } = calleeOf(f, "checkpoint");
  return (...args) => {
    const { leaves: inputs, structure } = flattenArguments(args, where);
    const flat = flattenFunction(f, structure, where);
    const { program, captured } = stage(
      flat.call,
      inputs.map((input) => input.aval),
    );
    const results = bind(checkpointCall, [...captured, ...inputs], { program, name });
    return unflatten<Result>(flat.resultStructure(), results);
  };
}
