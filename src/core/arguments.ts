import { describeArgument } from "./describe-argument.ts";
import { ReformaxError, type ErrorDetails } from "./errors.ts";

/**
 * Checks of arguments for callers whose types nobody checked (JavaScript, a REPL, a cast). Each returns what it was given,
 * or throws an error that names the argument, what belongs there, and what came.
 */
const refuse = (problem: string, details: ErrorDetails): ReformaxError =>
  new ReformaxError(problem, details);

export function checkFunction<F>(f: F, what: string, where: string): F {
  if (typeof f === "function") return f;
  throw refuse(`${what} is not a function`, {
    where,
    expected: "a function",
    got: describeArgument(f),
  });
}

/** A number, NaN and infinities included, unless there are bounds. */
export function checkNumber(value: number, what: string, where: string, least = -Infinity): number {
  if (typeof value === "number" && !(value < least) && (least === -Infinity || value === value))
    return value;
  throw refuse(`${what} is not such a number`, {
    where,
    expected: least === -Infinity ? "a number" : `a number of ${least} or more`,
    got: describeArgument(value),
  });
}

export function checkFlag(flag: boolean, what: string, where: string): boolean {
  if (typeof flag === "boolean") return flag;
  throw refuse(`${what} is neither on nor off`, {
    where,
    expected: "true or false",
    got: describeArgument(flag),
  });
}

export function checkText(text: string, what: string, where: string): string {
  if (typeof text === "string") return text;
  throw refuse(`${what} is not a text`, { where, expected: "a text", got: describeArgument(text) });
}

export function checkList<T>(list: readonly T[], what: string, where: string): readonly T[] {
  if (Array.isArray(list)) return list;
  throw refuse(`${what} is not a list`, { where, expected: "a list", got: describeArgument(list) });
}

/** An object that has all of these parts: parameters of a layer, a configuration, the parts of something larger. */
export function checkParts<T>(
  whole: T,
  parts: readonly (keyof T & string)[],
  what: string,
  where: string,
): T {
  const given: unknown = whole;
  if (typeof given === "object" && given !== null && parts.every((part) => part in given))
    return whole;
  throw refuse(`${what} ${parts.length === 0 ? "is not an object" : "lacks what belongs to it"}`, {
    where,
    expected: parts.length === 0 ? "an object" : `an object with ${parts.join(", ")}`,
    got: describeArgument(given),
  });
}

/** What the value of an option may be. */
export const optionKinds = {
  flag: { expected: "true or false", is: (x: unknown) => typeof x === "boolean" },
  number: { expected: "a number", is: (x: unknown) => typeof x === "number" },
  text: { expected: "a text", is: (x: unknown) => typeof x === "string" },
  function: { expected: "a function", is: (x: unknown) => typeof x === "function" },
  functionOrNull: {
    expected: "a function or null",
    is: (x: unknown) => typeof x === "function" || x === null,
  },
  list: { expected: "a list", is: (x: unknown) => Array.isArray(x) },
  /** Checked where it is used. */
  any: { expected: "", is: () => true },
} as const;

type OptionKind = keyof typeof optionKinds;

/** The names of the options, and what each may be. */
export type OptionKinds<Options> = {
  readonly [Name in keyof Options]-?: OptionKind | readonly (string | number)[];
};

/**
 * The options of a call: an object of known names alone, because a misspelt one would be silently without effect. A name
 * whose value is undefined is as good as left out. A list as a kind means one of them.
 */
export function checkOptions<Options extends object>(
  options: Options,
  kinds: OptionKinds<Options>,
  where: string,
): Options {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw refuse("the options are not an object", {
      where,
      expected: `an object of options: ${Object.keys(kinds).join(", ")}`,
      got: describeArgument(options),
    });
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(kinds, name)) {
      throw refuse(`there is no option ${JSON.stringify(name)}`, {
        where,
        expected: Object.keys(kinds).join(", "),
        got: name,
      });
    }
    const value: unknown = options[name as keyof Options];
    if (value !== undefined) checkOption(name, value, kinds[name as keyof Options], where);
  }
  return options;
}

function checkOption(
  name: string,
  value: unknown,
  kind: OptionKind | readonly (string | number)[],
  where: string,
): void {
  const words = typeof kind === "string" ? undefined : kind;
  const fits =
    typeof kind === "string" ? optionKinds[kind].is(value) : kind.some((word) => word === value);
  if (fits) return;
  throw refuse(`the option ${name} is of another kind`, {
    where,
    expected: words
      ? words.map((word) => JSON.stringify(word)).join(" or ")
      : optionKinds[kind as OptionKind].expected,
    got: describeArgument(value),
  });
}
