import type { Atom, Equation, Program, Var } from "../program.ts";

/**
 * Replaces equations by the bodies of programs: `bodyOf` gives the program of an equation's operands
 * to put in its place, or undefined to keep it. Bodies are inlined in their turn.
 */
export function inlineEquations(
  program: Program,
  bodyOf: (equation: Equation) => Program | undefined,
): Program {
  if (!program.equations.some((equation) => bodyOf(equation))) return program;
  const equations: Equation[] = [];
  const renamed = new Map<Var, Atom>();
  const rename = (atom: Atom): Atom => (atom.kind === "var" ? (renamed.get(atom) ?? atom) : atom);
  const append = (equation: Equation, scope: string): void => {
    const current = {
      ...equation,
      inputs: equation.inputs.map(rename),
      scope: join(scope, equation.scope),
    };
    const body = bodyOf(current);
    if (!body) {
      equations.push(current);
      return;
    }
    // A program may be inlined many times: every copy needs variables of its own.
    const fresh = freshVariables(body);
    fresh.inputs.forEach((variable, i) => renamed.set(variable, current.inputs[i]));
    for (const inner of fresh.equations) append(inner, current.scope);
    equation.outputs.forEach((variable, i) => renamed.set(variable, rename(fresh.outputs[i])));
  };
  for (const equation of program.equations) append(equation, "");
  return { ...program, equations, outputs: program.outputs.map(rename) };
}

const join = (outer: string, inner: string): string =>
  outer && inner ? `${outer}/${inner}` : outer || inner;

/** The same program with variables that occur nowhere else. */
function freshVariables(program: Program): Program {
  const copies = new Map<Var, Var>();
  const copy = (variable: Var): Var => {
    const made = { ...variable };
    copies.set(variable, made);
    return made;
  };
  const use = (atom: Atom): Atom => (atom.kind === "var" ? (copies.get(atom) ?? atom) : atom);
  const inputs = program.inputs.map(copy);
  const equations = program.equations.map((equation) => ({
    ...equation,
    inputs: equation.inputs.map(use),
    outputs: equation.outputs.map(copy),
  }));
  return { inputs, equations, outputs: program.outputs.map(use) };
}
