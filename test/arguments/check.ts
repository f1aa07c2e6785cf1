import { ReformaxError } from "reformax";
import type { Argument } from "./kinds.ts";

/** A good call: the function's arguments by position. `names`: what else its messages may call it. */
export interface Call {
  readonly args: readonly Argument[];
  readonly names?: readonly string[];
}

export type Table = Readonly<Record<string, Call>>;

export const call = (...args: readonly Argument[]): Call => ({ args });

/** The call of a function that has another name in its messages: an alias. */
export const callNamed = (name: string, ...args: readonly Argument[]): Call => ({
  args,
  names: [name],
});

type AnyFunction = (...args: unknown[]) => unknown;

/** What the call comes to: promises and generators are followed to their first step. */
export async function outcomeOf(f: AnyFunction, args: readonly unknown[]): Promise<unknown> {
  const result = await f(...args);
  return isSteps(result) ? result.next() : result;
}

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
    if (!names.some((name) => message.includes(name))) return `does not say where: ${message}`;
    if (!message.includes("expected ")) return `does not say what was expected: ${message}`;
    return message.includes("got ") ? undefined : `does not say what it got: ${message}`;
  }
}

const describe = (result: unknown): string => {
  try {
    return String(result).slice(0, 80);
  } catch {
    return typeof result;
  }
};
