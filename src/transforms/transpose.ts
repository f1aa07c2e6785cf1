import { DifferentiationError, ProgramError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import { stageClosed } from "../ir/builder.ts";
import { Environment, literalTensor } from "../ir/evaluate.ts";
import { bind, withScope } from "../ir/interpreter.ts";
import { eliminateDeadCode } from "../ir/passes/dce.ts";
import type { Tangent, TransposeOperand } from "../ir/primitive.ts";
import type { Atom, Equation, Program, Var } from "../ir/program.ts";
import { addTangents } from "../ir/tangents.ts";
import { maskKey, memoizeByProgram } from "./memo.ts";
import { definedOnly, isNonZero, pick, spread, tangentAval } from "./tangents.ts";

export interface Transposed {
  /** Inputs: the known inputs, then the non-zero output cotangents. Outputs: non-zero cotangents of the linear inputs. */
  readonly program: Program;
  /** Over the linear inputs: which cotangents are not zero. */
  readonly outputMask: readonly boolean[];
}

export interface TransposeSettings {
  /** Inputs in which the program is linear. */
  readonly linear: readonly boolean[];
  /** Outputs whose cotangent is not zero. */
  readonly cotangents: readonly boolean[];
}

/** Variables that depend on a linear input. */
function linearVariables(program: Program, linear: readonly boolean[]): ReadonlySet<Var> {
  const found = new Set<Var>(pick(program.inputs, linear));
  for (const { inputs, outputs } of program.equations) {
    if (inputs.some((atom) => atom.kind === "var" && found.has(atom))) {
      outputs.forEach((variable) => found.add(variable));
    }
  }
  return found;
}

/** Cotangents of the linear inputs under the current interpreter: what `transposeProgram` records. */
function pullBack(
  program: Program,
  linear: readonly boolean[],
  known: readonly Value[],
  cotangents: readonly Tangent[],
): readonly Tangent[] {
  const isLinear = linearVariables(program, linear);
  const values = new Environment<Value>(literalTensor);
  const knownInputs = program.inputs.filter((_, i) => !linear[i]);
  values.setAll(knownInputs, known);
  const isLinearAtom = (atom: Atom): boolean => atom.kind === "var" && isLinear.has(atom);
  const linearEquations: Equation[] = [];
  for (const equation of program.equations) {
    if (equation.inputs.some(isLinearAtom)) {
      linearEquations.push(equation);
      continue;
    }
    const operands = equation.inputs.map((atom) => values.get(atom));
    const run = (): readonly Value[] => bind(equation.primitive, operands, equation.params);
    values.setAll(equation.outputs, equation.scope ? withScope(equation.scope, run) : run());
  }

  const sums = new Map<Var, Value>();
  const accumulate = (atom: Atom, cotangent: Tangent): void => {
    if (atom.kind !== "var" || !isLinear.has(atom) || !cotangent) return;
    const sum = addTangents(sums.get(atom), cotangent);
    if (sum) sums.set(atom, sum);
  };
  program.outputs.forEach((atom, i) => accumulate(atom, cotangents[i]));
  for (const { primitive, inputs, outputs, params, scope } of linearEquations.toReversed()) {
    const outputCotangents = outputs.map((variable) => sums.get(variable));
    outputs.forEach((variable) => sums.delete(variable));
    if (!outputCotangents.some(isNonZero)) continue;
    const rule = primitive.transpose;
    if (rule === "nonLinear") {
      throw new DifferentiationError("a linear program applies an operation that is not linear", {
        where: primitive.name,
        fix: "Its jvp rule must be written with operations that are linear in the tangents.",
      });
    }
    const operands = inputs.map((atom): TransposeOperand =>
      isLinearAtom(atom)
        ? { linear: true, value: undefined, aval: atom.aval }
        : { linear: false, value: values.get(atom), aval: atom.aval },
    );
    const run = (): readonly Tangent[] => rule(outputCotangents, operands, params);
    const inputCotangents = scope ? withScope(scope, run) : run();
    if (inputCotangents.length !== inputs.length) {
      throw new ProgramError("a transpose rule returned the wrong number of cotangents", {
        where: primitive.name,
      });
    }
    inputs.forEach((atom, i) => accumulate(atom, inputCotangents[i]));
  }
  return pick(program.inputs, linear).map((variable) => sums.get(variable));
}

/**
 * Program to program: the transpose of a program that is linear in some inputs. Operations that do
 * not depend on those inputs are computed first, from the known inputs.
 */
export const transposeProgram: (program: Program, settings: TransposeSettings) => Transposed =
  memoizeByProgram(
    (settings: TransposeSettings) => `${maskKey(settings.linear)}/${maskKey(settings.cotangents)}`,
    (program, { linear, cotangents }) => {
      const knownAvals = program.inputs.filter((_, i) => !linear[i]).map((input) => input.aval);
      const cotangentAvals = pick(program.outputs, cotangents).map((atom) =>
        tangentAval(atom.aval),
      );
      let outputMask: readonly boolean[] = [];
      const transposed = stageClosed(
        (...values) => {
          const known = values.slice(0, knownAvals.length);
          const results = pullBack(
            program,
            linear,
            known,
            spread(cotangents, values.slice(knownAvals.length)),
          );
          outputMask = results.map(isNonZero);
          return definedOnly(results);
        },
        [...knownAvals, ...cotangentAvals],
      );
      return { program: eliminateDeadCode(transposed), outputMask };
    },
  );
