import * as E from "fp-ts/lib/Either.js";
import { ReformaxError } from "reformax";
import { InputError, type Problems } from "../../src/edge/problem.ts";
import type { Argument } from "./kinds.ts";

/** A good call: the function's arguments by position. `names`: what else its messages may call it. */
export interface Call {
  readonly args: readonly Argument[];
  readonly names?: readonly string[];
  /**
   * Good calls of what the good call returns: of a function, or of the functions of an object. `internal`: they are called by the
   * library alone, which has checked what it gives them.
   */
  readonly result?: Call | Table | "internal";
  /** The good call is not made here. */
  readonly elsewhere?: boolean;
}

export type Table = Readonly<Record<string, Call>>;

export const call = (...args: readonly Argument[]): Call => ({ args });

/** The call of a function that has another name in its messages: an alias. */
export const callNamed = (name: string, ...args: readonly Argument[]): Call => ({
  args,
  names: [name],
});

/** A call that returns a function, or an object of functions. */
export const returning = (given: Call, result: Call | Table): Call => ({ ...given, result });

/** A call of whose functions only the library is a caller. */
export const returningInternal = (given: Call): Call => ({ ...given, result: "internal" });

/** A call that cannot be made everywhere: its arguments are good, and other tests make it. */
export const triedElsewhere = (given: Call): Call => ({ ...given, elsewhere: true });

/** A function, where it is, and a good call of it. */
export interface Subject {
  readonly path: string;
  readonly f: AnyFunction;
  readonly entry: Call;
  readonly names: readonly string[];
}

const isCall = (entry: Call | Table): entry is Call => Array.isArray(entry.args);

/** The function, and those that its good call returns, to any depth. */
export async function subjectsOf(subject: Subject): Promise<readonly Subject[]> {
  const { path, f, entry, names } = subject;
  const all = [...names, ...(entry.names ?? [])];
  const known = { ...subject, names: all };
  if (entry.result === undefined || entry.result === "internal") return [known];
  const result = await f(...entry.args.map(({ good }) => good));
  const calls = isCall(entry.result) ? { "": entry.result } : entry.result;
  const below = Object.entries(calls).map(([name, call]) =>
    subjectsOf({
      path: name === "" ? `${path}(...)` : `${path}(...).${name}`,
      f: functionIn(result, name),
      entry: call,
      names: name === "" ? all : [...all, name],
    }),
  );
  return [known, ...(await Promise.all(below)).flat()];
}

const functionIn = (result: unknown, name: string): AnyFunction =>
  name === ""
    ? (result as AnyFunction)
    : (...args) => (result as Record<string, AnyFunction>)[name](...args);

/** The functions that a call returned, by name; one that is the result itself has none. */
export function functionsReturned(result: unknown): readonly string[] {
  if (typeof result === "function") return [""];
  if (!isPlain(result)) return [];
  return Object.keys(result).filter((name) => typeof result[name] === "function");
}

const isPlain = (x: unknown): x is Readonly<Record<string, unknown>> =>
  typeof x === "object" && x !== null && Object.getPrototypeOf(x) === Object.prototype;

export type AnyFunction = (...args: unknown[]) => unknown;

/** What the good call comes to, and what of it the table says nothing about. */
export async function unlisted({ f, entry }: Subject): Promise<readonly string[]> {
  if (entry.elsewhere) return [];
  const result = await outcomeOf(
    f,
    entry.args.map(({ good }) => good),
  );
  const { result: calls = {} } = entry;
  if (calls === "internal") return [];
  const listed = isCall(calls) ? [""] : Object.keys(calls);
  return functionsReturned(result).filter((name) => !listed.includes(name));
}

/** What the call comes to: promises and generators are followed to their first step. */
export async function outcomeOf(f: AnyFunction, args: readonly unknown[]): Promise<unknown> {
  const result = await f(...args);
  if (isProblems(result)) throw new InputError(result.left);
  return isSteps(result) ? result.next() : result;
}

/** The answer of functions that return problems instead of throwing them. */
const isProblems = (result: unknown): result is E.Left<Problems> =>
  typeof result === "object" &&
  result !== null &&
  "_tag" in result &&
  E.isLeft(result as E.Either<Problems, unknown>);

const isSteps = (result: unknown): result is { next(): unknown } =>
  typeof result === "object" &&
  result !== null &&
  Symbol.asyncIterator in result &&
  "next" in result;

/** The good call with one bad value in it. */
export interface Mutant {
  readonly name: string;
  readonly args: readonly unknown[];
}

export const mutantsOf = ({ args }: Call): readonly Mutant[] =>
  args.flatMap((argument, position) =>
    Object.entries(argument.bad).map(([name, bad]) => ({
      name: `${argument.name}: ${name}`,
      args: args.map(({ good }, i) => (i === position ? bad : good)),
    })),
  );

/** What is wrong with the answer to a mutant; undefined when it is one of our errors that says enough. */
export async function complaint(
  f: AnyFunction,
  { args }: Mutant,
  names: readonly string[],
): Promise<string | undefined> {
  try {
    return `accepted: ${describe(await outcomeOf(f, args))}`;
  } catch (error) {
    if (!(error instanceof ReformaxError)) return `raw ${String(error)}`;
    const { message } = error;
    // Problems of files and configurations name a place in these.
    const saysWhere = error instanceof InputError || names.some((name) => message.includes(name));
    if (!saysWhere) return `does not say where: ${message}`;
    if (!/expected |Did you mean|Known: /.test(message))
      return `does not say what was expected: ${message}`;
    return /got |is missing|there is no |unknown key/.test(message)
      ? undefined
      : `does not say what it got: ${message}`;
  }
}

const describe = (result: unknown): string => {
  try {
    return String(result).slice(0, 80);
  } catch {
    return typeof result;
  }
};
