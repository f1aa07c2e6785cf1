/**
 * What an option, or a part of a record, may be. Besides these, a list of words means one of them, and a module may have
 * kinds of its own.
 */
export interface Kind {
  /** What belongs there, in words. */
  readonly expected: string;
  readonly is: (x: unknown) => boolean;
}

const isNumber = (x: unknown): x is number => typeof x === "number";
const isWhole = (x: unknown): x is number => isNumber(x) && Number.isInteger(x);
const isFunction = (x: unknown): boolean => typeof x === "function";
const isObject = (x: unknown): boolean => typeof x === "object" && x !== null && !Array.isArray(x);
const isArray = (x: unknown): boolean => typeof x === "object" && x !== null && "aval" in x;

/** Also of what another window or context has made. */
export const tagOf = (x: unknown): string =>
  Object.prototype.toString.call(x).slice("[object ".length, -1);

export const namedKinds = {
  flag: { expected: "true or false", is: (x) => typeof x === "boolean" },
  number: { expected: "a number", is: isNumber },
  finite: { expected: "a finite number", is: (x) => isNumber(x) && Number.isFinite(x) },
  /** A rate of what is left out. */
  rate: { expected: "a number from 0 to below 1", is: (x) => isNumber(x) && x >= 0 && x < 1 },
  /** How many, 0 included. */
  count: { expected: "an integer of 0 or more", is: (x) => isWhole(x) && x >= 0 },
  /** How many, or how long, where nothing would be left of 0. */
  size: { expected: "an integer of 1 or more", is: (x) => isWhole(x) && x >= 1 },
  text: { expected: "a text", is: (x) => typeof x === "string" },
  path: {
    expected: "the path of a file or a folder",
    is: (x) => typeof x === "string" && x !== "" && !x.includes("\0"),
  },
  function: { expected: "a function", is: isFunction },
  functionOrNull: { expected: "a function or null", is: (x) => isFunction(x) || x === null },
  list: { expected: "a list", is: (x) => Array.isArray(x) },
  object: { expected: "an object", is: isObject },
  array: { expected: "an array", is: isArray },
  arrayOrNull: { expected: "an array or null", is: (x) => isArray(x) || x === null },
  /** Numbers of whatever array. */
  numbers: {
    expected: "a list of numbers, or a typed array",
    is: (x) => (Array.isArray(x) ? x.every(isNumber) : /^(Float|Int|Uint).*Array$/.test(tagOf(x))),
  },
  bytes: { expected: "bytes, a Uint8Array", is: (x) => tagOf(x) === "Uint8Array" },
  map: { expected: "a Map", is: (x) => tagOf(x) === "Map" },
  /** Checked where it is used. */
  any: { expected: "", is: () => true },
} as const satisfies Readonly<Record<string, Kind>>;

export type KindName = keyof typeof namedKinds;

export type AnyKind = KindName | Kind | readonly (string | number)[];

export function kindOf(kind: AnyKind): Kind {
  if (typeof kind === "string") return namedKinds[kind];
  return "is" in kind ? kind : oneOf(kind);
}

const oneOf = (words: readonly (string | number)[]): Kind => ({
  expected: words.map((word) => JSON.stringify(word)).join(" or "),
  is: (x) => words.some((word) => word === x),
});

/** A list of what is of a kind. */
export const listOf = (kind: AnyKind): Kind => {
  const { expected, is } = kindOf(kind);
  return { expected: `a list, each of it ${expected}`, is: (x) => Array.isArray(x) && x.every(is) };
};

/** The kind, or null. */
export const orNull = (kind: AnyKind): Kind => {
  const { expected, is } = kindOf(kind);
  return { expected: `${expected}, or null`, is: (x) => x === null || is(x) };
};

/** The kind, or nothing at all: a part of a record that may be left out. */
export const orAbsent = (kind: AnyKind): Kind => {
  const { expected, is } = kindOf(kind);
  return { expected: `${expected}, or nothing`, is: (x) => x === undefined || is(x) };
};
