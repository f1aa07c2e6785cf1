import type { Value } from "../core/value.ts";
import { ProgramBuilder, stage } from "../ir/builder.ts";
import { Environment, evaluateProgram, literalTensor } from "../ir/evaluate.ts";
import {
  bind,
  withInterpreter,
  withRootScope,
  withScope,
  type Interpreter,
} from "../ir/interpreter.ts";
import { eliminateDeadCode } from "../ir/passes/dce.ts";
import type { JvpResult, Params, Primitive, Tangent } from "../ir/primitive.ts";
import type { Atom, Program, Var } from "../ir/program.ts";
import { applyJvp } from "./jvp.ts";
import { checkConstants } from "./closed-over.ts";
import { linearizeFused } from "./custom-linear.ts";
import { maskKey, memoizeByProgram } from "./memo.ts";
import {
  definedOnly,
  hasTangent,
  instantiate,
  isNonZero,
  spread,
  tangentAval,
} from "./tangents.ts";

/** Where the linear program's known value comes from. */
export type ResidualSource =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "output"; readonly index: number };

export interface Linearized {
  /** Arrays that custom rules closed over: leading inputs of `forward`. */
  readonly constants: readonly Value[];
  /** Inputs: constants, then the original's; outputs: the original's, then the computed residuals. */
  readonly forward: Program;
  /** Inputs: residuals, then the tangents that `mask` names. Outputs: the non-zero tangents. */
  readonly linear: Program;
  /** For each residual: an input of the original, or `forward`'s output number `index`. */
  readonly residuals: readonly ResidualSource[];
  readonly outputMask: readonly boolean[];
}

export interface LinearizeSettings {
  /** Inputs that have a tangent. */
  readonly mask: readonly boolean[];
  /** Outputs whose tangent must be there even when it is zero. */
  readonly instantiate: readonly boolean[];
}

/**
 * Splits operations in two recordings: those that read a tangent go to the linear program, all
 * others to the forward program, whose values the linear one captures as residuals.
 */
class SplitInterpreter implements Interpreter {
  readonly name = "linearize";
  readonly forward = new ProgramBuilder();
  readonly linear = new ProgramBuilder();

  bind(primitive: Primitive, operands: readonly Value[], params: Params): readonly Value[] {
    const target = operands.some((operand) => this.linear.owns(operand))
      ? this.linear
      : this.forward;
    return target.bind(primitive, operands, params);
  }
}

/** One operation's outputs and tangents for reverse mode. */
function applyLinearize(
  primitive: Primitive,
  primals: readonly Value[],
  tangents: readonly Tangent[],
  params: Params,
): JvpResult {
  if (!tangents.some(isNonZero)) {
    const outputs = bind(primitive, primals, params);
    return { primals: outputs, tangents: outputs.map(() => undefined) };
  }
  if (primitive.linearize) return primitive.linearize(primals, tangents, params);
  if (primitive.jvp !== "byDecomposition") return applyJvp(primitive, primals, tangents, params);
  const { name, vjp, decompose } = primitive;
  return vjp === "byDecomposition"
    ? linearizeThrough((...inputs) => decompose(inputs, params), primals, tangents)
    : linearizeFused(name, vjp, primals, tangents, params);
}

/**
 * Outputs and tangents of a function that may contain loops and calls: these must be split in their primal and
 * their linear part, which tracing through them with tangents would not do.
 */
export function linearizeThrough(
  f: (...inputs: Value[]) => readonly Value[],
  primals: readonly Value[],
  tangents: readonly Tangent[],
): JvpResult {
  const avals = primals.map((primal) => primal.aval);
  const { program, captured } = stage(f, avals);
  const linearized = linearizeProgram(program, {
    mask: [...captured.map(() => false), ...tangents.map(isNonZero)],
    instantiate: program.outputs.map(() => false),
  });
  const operands = [...captured, ...primals];
  const results = evaluateProgram(linearized.forward, [...linearized.constants, ...operands]);
  const residuals = residualValues(linearized, operands, results);
  const outputTangents = evaluateProgram(linearized.linear, [
    ...residuals,
    ...definedOnly(tangents),
  ]);
  return {
    primals: results.slice(0, program.outputs.length),
    tangents: spread(linearized.outputMask, outputTangents),
  };
}

function linearizeUncached(program: Program, settings: LinearizeSettings): Linearized {
  const split = new SplitInterpreter();
  const primals = new Environment<Value>(literalTensor);
  const tangents = new Map<Var, Value>();
  const inputs = program.inputs.map((input) => split.forward.input(input.aval));
  primals.setAll(program.inputs, inputs);
  program.inputs.forEach((input, i) => {
    if (settings.mask[i] && hasTangent(input.aval))
      tangents.set(input, split.linear.input(tangentAval(input.aval)));
  });
  const tangentOf = (atom: Atom): Tangent => (atom.kind === "var" ? tangents.get(atom) : undefined);

  const outputTangents = withInterpreter(split, () =>
    withRootScope(() => {
      for (const { primitive, inputs: atoms, outputs, params, scope } of program.equations) {
        const known = atoms.map((atom) => primals.get(atom));
        const run = (): JvpResult => applyLinearize(primitive, known, atoms.map(tangentOf), params);
        const result = scope ? withScope(scope, run) : run();
        primals.setAll(outputs, result.primals);
        result.tangents.forEach((tangent, i) => {
          if (tangent) tangents.set(outputs[i], tangent);
        });
      }
      return program.outputs.map((atom, i) =>
        settings.instantiate[i]
          ? withInterpreter(split.linear, () => instantiate(tangentOf(atom), atom.aval))
          : tangentOf(atom),
      );
    }),
  );

  const { program: linear, captured } = pruneResiduals(
    split.linear.finish(definedOnly(outputTangents)),
  );
  const computed: Value[] = [];
  const residuals = captured.map((value): ResidualSource => {
    const index = inputs.findIndex((input) => input === value);
    if (index >= 0) return { kind: "input", index };
    computed.push(value);
    return { kind: "output", index: program.outputs.length + computed.length - 1 };
  });
  const outputs = program.outputs.map((atom) => primals.get(atom));
  const { program: forward, captured: constants } = split.forward.finish([...outputs, ...computed]);
  return {
    constants: checkConstants(constants, "a derivative rule"),
    forward: eliminateDeadCode(forward),
    linear,
    residuals,
    outputMask: outputTangents.map(isNonZero),
  };
}

/** Drops residuals that no needed linear operation reads. */
function pruneResiduals({ program, captured }: { program: Program; captured: readonly Value[] }): {
  program: Program;
  captured: readonly Value[];
} {
  const live = eliminateDeadCode(program);
  const used = new Set<Atom>([
    ...live.outputs,
    ...live.equations.flatMap((equation) => equation.inputs),
  ]);
  const keep = captured.map((_, i) => used.has(live.inputs[i]));
  return {
    program: { ...live, inputs: live.inputs.filter((_, i) => i >= captured.length || keep[i]) },
    captured: captured.filter((_, i) => keep[i]),
  };
}

/**
 * Program to program: the original with residuals, and the linear map from input tangents to
 * output tangents at those residuals. Remembered per program object, so that a body that occurs
 * many times is linearized once.
 */
export const linearizeProgram: (program: Program, settings: LinearizeSettings) => Linearized =
  memoizeByProgram(
    (settings: LinearizeSettings) => `${maskKey(settings.mask)}/${maskKey(settings.instantiate)}`,
    linearizeUncached,
  );

/** The residuals' values, from the original's operands and the results of the forward program. */
export const residualValues = (
  linearized: Linearized,
  operands: readonly Value[],
  results: readonly Value[],
): Value[] =>
  linearized.residuals.map((source) =>
    source.kind === "input" ? operands[source.index] : results[source.index],
  );
