import type { Aval } from "../core/aval.ts";
import { Tracer, type Value } from "../core/value.ts";
import { stage } from "../ir/builder.ts";
import { evaluateProgram } from "../ir/evaluate.ts";
import { bind, currentInterpreter, withInterpreter, type Interpreter } from "../ir/interpreter.ts";
import type { JvpResult, Params, Primitive, Tangent } from "../ir/primitive.ts";
import type { Program } from "../ir/program.ts";
import { checkConstants } from "./closed-over.ts";
import { maskKey, memoizeByProgram } from "./memo.ts";
import { definedOnly, instantiate, isNonZero, pick, spread, tangentAval } from "./tangents.ts";

/** A value together with its tangent. */
class JvpTracer extends Tracer {
  readonly owner: JvpInterpreter;
  readonly primal: Value;
  readonly tangent: Value;

  constructor(owner: JvpInterpreter, primal: Value, tangent: Value) {
    super();
    this.owner = owner;
    this.primal = primal;
    this.tangent = tangent;
  }

  get aval(): Aval {
    return this.primal.aval;
  }
}

/** Carries tangents along; everything else goes to the interpreter it was started in. */
class JvpInterpreter implements Interpreter {
  readonly name = "jvp";
  readonly #outer = currentInterpreter();

  lift(primal: Value, tangent: Tangent): Value {
    return tangent ? new JvpTracer(this, primal, tangent) : primal;
  }

  split(value: Value): { primal: Value; tangent: Tangent } {
    if (value instanceof JvpTracer && value.owner === this) return value;
    return { primal: value, tangent: undefined };
  }

  bind(primitive: Primitive, operands: readonly Value[], params: Params): readonly Value[] {
    const parts = operands.map((operand) => this.split(operand));
    const primals = parts.map((part) => part.primal);
    const tangents = parts.map((part) => part.tangent);
    return withInterpreter(this.#outer, () => {
      if (!tangents.some(isNonZero)) return bind(primitive, primals, params);
      const result = applyJvp(primitive, primals, tangents, params);
      return result.primals.map((primal, i) => this.lift(primal, result.tangents[i]));
    });
  }
}

/** One operation's outputs and their tangents, by its rule. */
export function applyJvp(
  primitive: Primitive,
  primals: readonly Value[],
  tangents: readonly Tangent[],
  params: Params,
): JvpResult {
  if (primitive.jvp === "nonDifferentiable") {
    const outputs = bind(primitive, primals, params);
    return { primals: outputs, tangents: outputs.map(() => undefined) };
  }
  if (primitive.jvp === "byDecomposition") {
    const { decompose } = primitive;
    return jvpOf((...inputs) => decompose(inputs, params), primals, tangents);
  }
  return primitive.jvp(primals, tangents, params);
}

/** {@link jvp} on flat lists with symbolic zeros. */
export function jvpOf(
  f: (...inputs: Value[]) => readonly Value[],
  primals: readonly Value[],
  tangents: readonly Tangent[],
): JvpResult {
  const interpreter = new JvpInterpreter();
  const inputs = primals.map((primal, i) => interpreter.lift(primal, tangents[i]));
  const outputs = withInterpreter(interpreter, () => f(...inputs)).map((output) =>
    interpreter.split(output),
  );
  return {
    primals: outputs.map((output) => output.primal),
    tangents: outputs.map((output) => output.tangent),
  };
}

export interface JvpProgram {
  /** Arrays that custom rules closed over: leading inputs of `program`. */
  readonly constants: readonly Value[];
  /** Inputs: constants, primals, the tangents that `mask` names. Outputs: primals, then non-zero tangents. */
  readonly program: Program;
  readonly outputMask: readonly boolean[];
}

export interface JvpSettings {
  readonly mask: readonly boolean[];
  /** Outputs whose tangent must be there even when it is zero. */
  readonly instantiate: readonly boolean[];
}

/** Forward derivative of a program as a program. */
export const jvpProgram: (program: Program, settings: JvpSettings) => JvpProgram = memoizeByProgram(
  (settings: JvpSettings) => `${maskKey(settings.mask)}/${maskKey(settings.instantiate)}`,
  (program, settings) => {
    const avals = program.inputs.map((input) => input.aval);
    const tangentAvals = pick(avals, settings.mask).map(tangentAval);
    let outputMask: readonly boolean[] = [];
    const { program: derivative, captured } = stage(
      (...values) => {
        const primals = values.slice(0, avals.length);
        const tangents = spread(settings.mask, values.slice(avals.length));
        const result = jvpOf((...inputs) => evaluateProgram(program, inputs), primals, tangents);
        const outputTangents = result.tangents.map((tangent, i) =>
          settings.instantiate[i] ? instantiate(tangent, result.primals[i].aval) : tangent,
        );
        outputMask = outputTangents.map(isNonZero);
        return [...result.primals, ...definedOnly(outputTangents)];
      },
      [...avals, ...tangentAvals],
    );
    const constants = checkConstants(captured, "a derivative rule");
    return { constants, program: derivative, outputMask };
  },
);
