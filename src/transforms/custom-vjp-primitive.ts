import { DifferentiationError } from "../core/errors.ts";
import { stage, type ClosedProgram } from "../ir/builder.ts";
import { bind } from "../ir/interpreter.ts";
import { definePrimitive, type BatchAxis, type Primitive } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { reduceSum } from "../ir/ops.ts";
import { batchProgram, moveMappedAxesToFront } from "./batch-program.ts";
import { call, callProgram } from "./call.ts";
import { batchFlatJvp, type FlatJvp } from "./custom-jvp.ts";
import { withPullBack } from "./custom-linear.ts";
import { hasTangent, instantiate } from "./tangents.ts";

/** The two halves of a custom reverse rule as programs, recorded when first needed. */
export interface CustomRule {
  readonly name: string;
  /** Which function, in messages: no part of the program's text, by which equal programs are known. */
  readonly where: () => string;
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
  jvp: (primals, tangents, { rule }) => {
    if (!rule.jvp) {
      throw new DifferentiationError("this function has a custom vjp, so its jvp is not defined", {
        where: rule.where(),
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
    return withPullBack(name, outputs, residuals, directions, (known, cotangents) => {
      const complete = program.outputs.flatMap(({ aval }, i) =>
        hasTangent(aval) ? [instantiate(cotangents[i], aval)] : [],
      );
      return callProgram(rule.backward().program, [...known, ...complete], `${name}.backward`);
    });
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
    where: rule.where,
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

export function once<T>(create: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: create() }).value;
}
