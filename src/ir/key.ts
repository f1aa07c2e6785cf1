import { formatAval, type Aval } from "../core/aval.ts";
import { isProgram, type Atom, type Program, type Var } from "./program.ts";
import type { Params, Primitive } from "./primitive.ts";

/**
 * Canonical texts: two programs (or params) have the same text exactly when they are structurally
 * equal up to the names of variables. Functions and class instances compare by identity.
 */
const programTexts = new WeakMap<Program, string>();
const identities = new WeakMap<object, number>();
let nextIdentity = 0;

/** Canonical text of a program, for caches: comparing the texts is comparing the structures. */
export function programKey(program: Program): string {
  const known = programTexts.get(program);
  if (known !== undefined) return known;
  const text = writeProgram(program);
  programTexts.set(program, text);
  return text;
}

/** Canonical text of one operation on operands of the given avals. */
export const operationKey = (
  primitive: Primitive,
  avals: readonly Aval[],
  params: Params,
): string =>
  `${primitive.name}#${identityOf(primitive)}(${avals.map(formatAval).join()})${paramsKey(params)}`;

/** Whether a text stands for functions or class instances, which are equal to themselves alone. (Names that look like one count too.) */
export const readsIdentity = (key: string): boolean => /@\d/.test(key);

function writeProgram(program: Program): string {
  const numbers = new Map<Var, number>();
  const declare = (variable: Var): string => {
    numbers.set(variable, numbers.size);
    return formatAval(variable.aval);
  };
  const use = (atom: Atom): string =>
    atom.kind === "var"
      ? `%${numbers.get(atom)}`
      : `${scalarKey(atom.value)}:${formatAval(atom.aval)}`;
  const inputs = program.inputs.map(declare).join();
  const equations = program.equations.map((equation) => {
    const { primitive, inputs: atoms, outputs, params, scope } = equation;
    const operands = atoms.map(use).join();
    const results = outputs.map(declare).join();
    return `${primitive.name}#${identityOf(primitive)}(${operands})${paramsKey(params)}${JSON.stringify(scope)}->${results}`;
  });
  return `{${inputs}|${equations.join(";")}|${program.outputs.map(use).join()}}`;
}

/** Canonical text of static data. */
export function paramsKey(value: unknown): string {
  if (typeof value === "number") return scalarKey(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (value === null || typeof value !== "object") {
    return typeof value === "function" ? `@${identityOf(value)}` : String(value);
  }
  if (isProgram(value)) return programKey(value);
  if (Array.isArray(value)) return `[${value.map(paramsKey).join()}]`;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `@${identityOf(value)}`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]: [string, unknown]) => `${JSON.stringify(key)}:${paramsKey(item)}`).join()}}`;
}

/** Tells -0 from 0; all NaNs are one. */
const scalarKey = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

function identityOf(value: object): number {
  const known = identities.get(value);
  if (known !== undefined) return known;
  identities.set(value, nextIdentity);
  return nextIdentity++;
}
