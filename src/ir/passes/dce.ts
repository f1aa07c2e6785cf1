import type { Equation, Program, Var } from "../program.ts";
import { hasEffect } from "./effects.ts";

/** Dead code elimination: drops equations whose results nobody needs; inputs stay as they are. */
export function eliminateDeadCode(program: Program): Program {
  const needed = new Set<Var>();
  const need = (atoms: Equation["inputs"]): void => {
    for (const atom of atoms) if (atom.kind === "var") needed.add(atom);
  };
  need(program.outputs);
  const kept: Equation[] = [];
  for (const equation of program.equations.toReversed()) {
    const live = equation.outputs.some((variable) => needed.has(variable)) || hasEffect(equation);
    if (!live) continue;
    kept.push(equation);
    need(equation.inputs);
  }
  if (kept.length === program.equations.length) return program;
  return { ...program, equations: kept.toReversed() };
}
