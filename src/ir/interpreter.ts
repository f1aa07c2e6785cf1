import { ReformaxError } from "../core/errors.ts";
import type { Value } from "../core/value.ts";
import type { Params, Primitive } from "./primitive.ts";

/**
 * What an operation means right now: evaluate it, record it, or transform it. There is one current
 * interpreter; each keeps the one that it was started in and hands its own work down to it
 * (stackless tracing, as in JAX's autodidax2).
 */
export interface Interpreter {
  readonly name: string;
  bind(primitive: Primitive, operands: readonly Value[], params: Params): readonly Value[];
}

const unset: Interpreter = {
  name: "unset",
  bind: (primitive) => {
    throw new ReformaxError("no evaluator is installed", {
      where: primitive.name,
      fix: "Import reformax, which installs one, before calling array functions.",
    });
  },
};

let current: Interpreter = unset;
let scopeNames: readonly string[] = [];

export const currentInterpreter = (): Interpreter => current;

/** Installs the interpreter that evaluates at once; called when the library is loaded. */
export function installEvaluator(evaluator: Interpreter): void {
  if (current === unset) current = evaluator;
}

/** Runs `f` with `interpreter` as the current one and restores the previous one afterwards. */
export function withInterpreter<T>(interpreter: Interpreter, f: () => T): T {
  const previous = current;
  current = interpreter;
  try {
    return f();
  } finally {
    current = previous;
  }
}

/** Applies an operation under the current interpreter. */
export const bind = <P extends Params>(
  primitive: Primitive<P>,
  operands: readonly Value[],
  params: P,
): readonly Value[] => current.bind(primitive as unknown as Primitive, operands, params);

/** {@link bind} for operations with one result. */
export const bindOne = <P extends Params>(
  primitive: Primitive<P>,
  operands: readonly Value[],
  params: P,
): Value => bind(primitive, operands, params)[0];

/** The user's names around the current operation, joined by slashes. */
export const currentScope = (): string => scopeNames.join("/");

/** Names the operations that `f` stages: they carry the name in plans, profiles and errors. */
export const withScope = <T>(name: string, f: () => T): T => withScopes([...scopeNames, name], f);

/** Runs `f` with no names around it: names inside of a sub-program are relative to its caller's. */
export const withRootScope = <T>(f: () => T): T => withScopes([], f);

function withScopes<T>(names: readonly string[], f: () => T): T {
  const previous = scopeNames;
  scopeNames = names;
  try {
    return f();
  } finally {
    scopeNames = previous;
  }
}
