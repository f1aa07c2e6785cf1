import { formatAval } from "../../core/aval.ts";
import { paramsKey } from "../key.ts";
import type { Atom, Equation, Program, Var } from "../program.ts";
import { hasEffect } from "./effects.ts";

/**
 * Common sub-expression elimination: equations with equal primitive, operands and params (compared by
 * structure) are computed once, under the first one's scope. Effects stay as they are.
 */
export function eliminateCommonSubexpressions(program: Program): Program {
  if (program.equations.length < 2) return program;
  const numbers = new Map<Var, number>();
  const numberOf = (variable: Var): number => {
    const known = numbers.get(variable);
    if (known !== undefined) return known;
    numbers.set(variable, numbers.size);
    return numbers.size - 1;
  };
  const replaced = new Map<Var, Var>();
  const rename = (atom: Atom): Atom => (atom.kind === "var" ? (replaced.get(atom) ?? atom) : atom);
  const atomKey = (atom: Atom): string =>
    atom.kind === "var"
      ? `%${numberOf(atom)}`
      : `${paramsKey(atom.value)}:${formatAval(atom.aval)}`;
  // Params are compared only where operands agree: most equations are alone with theirs.
  const seen = new Map<string, Equation[]>();
  const kept: Equation[] = [];
  for (const equation of program.equations) {
    const inputs = equation.inputs.map(rename);
    const current = inputs.every((atom, i) => atom === equation.inputs[i])
      ? equation
      : { ...equation, inputs };
    if (hasEffect(current)) {
      kept.push(current);
      continue;
    }
    const key = `${current.primitive.name}(${inputs.map(atomKey).join()})`;
    const candidates = seen.get(key);
    const first = candidates?.find((other) => sameOperation(other, current));
    if (first) {
      current.outputs.forEach((variable, i) => replaced.set(variable, first.outputs[i]));
      continue;
    }
    if (candidates) candidates.push(current);
    else seen.set(key, [current]);
    kept.push(current);
  }
  if (replaced.size === 0) return program;
  return { ...program, equations: kept, outputs: program.outputs.map(rename) };
}

const sameOperation = (a: Equation, b: Equation): boolean =>
  a.primitive === b.primitive && paramsKey(a.params) === paramsKey(b.params);
