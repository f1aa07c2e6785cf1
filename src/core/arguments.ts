import { describeArgument } from "./describe-argument.ts";
import { ReformaxError, type ErrorDetails } from "./errors.ts";
import { kindOf, type AnyKind } from "./kinds.ts";
import { didYouMean } from "./suggest.ts";

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

/** A list of so many. */
export function checkListOf<T>(
  list: readonly T[],
  count: number,
  what: string,
  where: string,
): readonly T[] {
  if (checkList(list, what, where).length === count) return list;
  const got = `${list.length}`;
  throw refuse(`${what} has another length`, { where, expected: `a list of ${count}`, got });
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

/** The names of the options or parts, and what each may be. */
export type KindsOf<Record> = {
  readonly [Name in keyof Record]-?: AnyKind;
};

/**
 * The options of a call: an object of known names alone, because a misspelt one would be silently without effect. A name
 * whose value is undefined is as good as left out. A list as a kind means one of them.
 */
export function checkOptions<Options extends object>(
  options: Options,
  kinds: KindsOf<Options>,
  where: string,
): Options {
  if (!isRecord(options)) {
    throw refuse("the options are not an object", {
      where,
      expected: `an object of options: ${Object.keys(kinds).join(", ")}`,
      got: describeArgument(options),
    });
  }
  refuseOthers(options, Object.keys(kinds), "option", where);
  for (const name of Object.keys(options) as (keyof Options & string)[]) {
    const value: unknown = options[name];
    if (value !== undefined) checkKind(value, kinds[name], `the option ${name}`, where);
  }
  return options;
}

/**
 * A record of the caller's, all of whose parts must be of these kinds, and which has no others.
 *
 * @param what - the argument, or the path of the record within it
 */
export function checkRecord<Record extends object>(
  record: Record,
  kinds: KindsOf<Record>,
  what: string,
  where: string,
): Record {
  checkPartsOf(record, kinds, what, where);
  refuseOthers(record, Object.keys(kinds), `part of ${what}`, where);
  return record;
}

/** The same where the record may have more than is read of it. */
export const checkPartsOf = <Record extends object>(
  record: Record,
  kinds: KindsOf<Record>,
  what: string,
  where: string,
): Record => checkSomeOf(record, kinds, what, where);

/** The same of a few of its parts: the others are checked elsewhere, or not read. */
export function checkSomeOf<Record extends object>(
  record: Record,
  kinds: Partial<KindsOf<Record>>,
  what: string,
  where: string,
): Record {
  if (!isRecord(record)) {
    throw refuse(`${what} is not an object`, {
      where,
      expected: `an object with ${Object.keys(kinds).join(", ")}`,
      got: describeArgument(record),
    });
  }
  for (const name of Object.keys(kinds) as (keyof Record & string)[])
    checkKind(record[name], kinds[name] ?? "any", `${what}.${name}`, where);
  return record;
}

/** The arguments of a call by their names, each with what it may be. */
export function checkKinds(
  given: Readonly<Record<string, readonly [value: unknown, kind: AnyKind]>>,
  where: string,
): void {
  for (const [name, [value, kind]] of Object.entries(given)) checkKind(value, kind, name, where);
}

/** Of whatever kind. */
export function checkKind<T>(value: T, kind: AnyKind, what: string, where: string): T {
  const { expected, is } = kindOf(kind);
  if (is(value)) return value;
  throw refuse(`${what} is of another kind`, { where, expected, got: describeArgument(value) });
}

const isRecord = (x: unknown): x is object =>
  typeof x === "object" && x !== null && !Array.isArray(x);

function refuseOthers(given: object, known: readonly string[], what: string, where: string): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    throw refuse(`there is no ${what} ${JSON.stringify(name)}`, {
      where,
      expected: known.join(", "),
      got: name,
      fix: didYouMean(name, known),
    });
  }
}
