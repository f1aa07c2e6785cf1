import { ProgramError } from "../core/errors.ts";
import { scalarTensor, type Tensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import { bind, withScope } from "./interpreter.ts";
import type { Atom, Literal, Program, Var } from "./program.ts";

/** The tensor that a literal stands for. */
export const literalTensor = ({ value, aval }: Literal): Tensor =>
  scalarTensor(value, aval.dtype, aval.weak);

/** Reads atoms from, and writes variables to, the values of one run of a program. */
export class Environment<T> {
  readonly #values = new Map<Var, T>();
  readonly #ofLiteral: (literal: Literal) => T;

  constructor(ofLiteral: (literal: Literal) => T) {
    this.#ofLiteral = ofLiteral;
  }

  get(atom: Atom): T {
    if (atom.kind === "literal") return this.#ofLiteral(atom);
    const value = this.#values.get(atom);
    if (value === undefined) throw new ProgramError("a variable is used before it is assigned");
    return value;
  }

  set(variable: Var, value: T): void {
    this.#values.set(variable, value);
  }

  setAll(variables: readonly Var[], values: readonly T[]): void {
    variables.forEach((variable, i) => this.#values.set(variable, values[i]));
  }
}

/** Applies a program by binding its equations one by one under the current interpreter. */
export function evaluateProgram(program: Program, inputs: readonly Value[]): readonly Value[] {
  const environment = new Environment<Value>(literalTensor);
  environment.setAll(program.inputs, inputs);
  for (const { primitive, inputs: atoms, outputs, params, scope } of program.equations) {
    const operands = atoms.map((atom) => environment.get(atom));
    const run = (): readonly Value[] => bind(primitive, operands, params);
    environment.setAll(outputs, scope ? withScope(scope, run) : run());
  }
  return program.outputs.map((atom) => environment.get(atom));
}
