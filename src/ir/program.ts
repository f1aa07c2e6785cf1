import { describeArgument } from "../core/describe-argument.ts";
import { ProgramError } from "../core/errors.ts";
import type { Aval } from "../core/aval.ts";
import type { Params, Primitive } from "./primitive.ts";

/** A variable of a Program: assigned once, by an input or by one equation. Compared by identity. */
export interface Var {
  readonly kind: "var";
  readonly aval: Aval;
}

/** A rank-0 constant written into the program text. */
export interface Literal {
  readonly kind: "literal";
  readonly value: number;
  readonly aval: Aval;
}

export type Atom = Var | Literal;

export interface Equation {
  readonly primitive: Primitive;
  readonly inputs: readonly Atom[];
  readonly outputs: readonly Var[];
  readonly params: Params;
  /** User names around the operation, outermost first: `layer3/attention`. */
  readonly scope: string;
}

/** A function in A-normal form: immutable plain data. Sub-programs are params of equations. */
export interface Program {
  readonly inputs: readonly Var[];
  readonly equations: readonly Equation[];
  readonly outputs: readonly Atom[];
}

export const newVar = (aval: Aval): Var => ({ kind: "var", aval });

export const newLiteral = (value: number, aval: Aval): Literal => ({
  kind: "literal",
  value,
  aval,
});

/** Sub-programs found directly in an equation's params, with the name of their param. */
export function subPrograms(params: Params): readonly (readonly [string, Program])[] {
  return Object.entries(params).flatMap(([name, value]: [string, unknown]) => {
    const candidates: readonly unknown[] = Array.isArray(value) ? value : [value];
    return candidates.filter(isProgram).map((program) => [name, program] as const);
  });
}

export const isProgram = (value: unknown): value is Program =>
  typeof value === "object" && value !== null && "equations" in value && "inputs" in value;

/** @throws ProgramError for what is no program */
export function requireProgram(program: Program, where: string): Program {
  if (isProgram(program) && "outputs" in program) return program;
  throw new ProgramError("not a program", {
    where,
    expected: "a program, as makeProgram gives",
    got: describeArgument(program),
  });
}
