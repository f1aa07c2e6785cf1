import { formatAvals, sameArrayType } from "../core/aval.ts";
import { ProgramError } from "../core/errors.ts";
import {
  requireProgram,
  subPrograms,
  type Atom,
  type Equation,
  type Program,
  type Var,
} from "./program.ts";

/**
 * Checks that every variable is assigned once before its use and that every equation's results
 * have the types that its primitive says; sub-programs too. Returns the program.
 *
 * @throws ProgramError naming the equation
 */
export function checkProgram(program: Program): Program {
  requireProgram(program, "checkProgram");
  const assigned = new Set<Var>();
  const assign = (variable: Var, where: string): void => {
    if (assigned.has(variable)) throw new ProgramError("a variable is assigned twice", { where });
    assigned.add(variable);
  };
  const use = (atom: Atom, where: string): void => {
    if (atom.kind === "var" && !assigned.has(atom)) {
      throw new ProgramError("a variable is used before it is assigned", { where });
    }
    if (atom.kind === "literal" && atom.aval.shape.length > 0) {
      throw new ProgramError("a literal has rank above 0", { where });
    }
  };
  program.inputs.forEach((variable) => assign(variable, "inputs"));
  program.equations.forEach((equation, index) => {
    const where = `equation ${index} (${equation.primitive.name})`;
    equation.inputs.forEach((atom) => use(atom, where));
    checkTypes(equation, where);
    subPrograms(equation.params).forEach(([, inner]) => checkProgram(inner));
    equation.outputs.forEach((variable) => assign(variable, where));
  });
  program.outputs.forEach((atom) => use(atom, "outputs"));
  return program;
}

function checkTypes({ primitive, inputs, outputs, params }: Equation, where: string): void {
  const expected = primitive.abstractEval(
    inputs.map((atom) => atom.aval),
    params,
  );
  const got = outputs.map((variable) => variable.aval);
  if (expected.length !== got.length || !expected.every((aval, i) => sameArrayType(aval, got[i]))) {
    throw new ProgramError("result types differ from the primitive's", {
      where,
      expected: formatAvals(expected),
      got: formatAvals(got),
    });
  }
}
