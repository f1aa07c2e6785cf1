import { sequenceS, sequenceT } from "fp-ts/lib/Apply.js";
import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { isJsonObject, type Json, type JsonObject } from "./json.ts";
import { kindOf } from "./kind-of.ts";
import {
  invalid,
  unlessProblems,
  validateAll,
  validation,
  type Problem,
  type Validated,
} from "./problem.ts";
import { suggestion } from "../core/suggest.ts";

/** Reads a value of JSON, or says everything that is wrong with it. `where` is its dotted path. */
export type Decoder<T> = (value: Json | undefined, where: string) => Validated<T>;

/** The type that a decoder reads. */
export type Decoded<D> = D extends Decoder<infer T> ? T : never;

const wrong = (where: string, expected: string, value: Json | undefined): Validated<never> =>
  value === undefined
    ? invalid({ where, problem: "is missing", expected })
    : invalid({ where, problem: "wrong value", expected, got: kindOf(value) });

interface Bounds {
  readonly min?: number;
  readonly max?: number;
  /** The value must be below this. */
  readonly below?: number;
  /** The value must be above this. */
  readonly above?: number;
}

function describeBounds({ min, max, below, above }: Bounds): string {
  const bounds = [
    min !== undefined && `at least ${min}`,
    above !== undefined && `above ${above}`,
    max !== undefined && `at most ${max}`,
    below !== undefined && `below ${below}`,
  ].filter(Boolean);
  return bounds.length === 0 ? "" : ` ${bounds.join(" and ")}`;
}

const inBounds = (value: number, { min, max, below, above }: Bounds): boolean =>
  (min === undefined || value >= min) &&
  (max === undefined || value <= max) &&
  (below === undefined || value < below) &&
  (above === undefined || value > above);

export const number =
  (bounds: Bounds = {}): Decoder<number> =>
  (value, where) =>
    typeof value === "number" && Number.isFinite(value) && inBounds(value, bounds)
      ? E.right(value)
      : wrong(where, `a number${describeBounds(bounds)}`, value);

export const integer =
  (bounds: Bounds = {}): Decoder<number> =>
  (value, where) =>
    typeof value === "number" && Number.isSafeInteger(value) && inBounds(value, bounds)
      ? E.right(value)
      : wrong(where, `an integer${describeBounds(bounds)}`, value);

export const boolean: Decoder<boolean> = (value, where) =>
  typeof value === "boolean" ? E.right(value) : wrong(where, "true or false", value);

export const string: Decoder<string> = (value, where) =>
  typeof value === "string" ? E.right(value) : wrong(where, "a text", value);

/** Any object. */
export const jsonObject: Decoder<JsonObject> = (value, where) =>
  isJsonObject(value) ? E.right(value) : wrong(where, "an object", value);

/** One of some words. */
export const oneOf =
  <const T extends string>(...words: readonly T[]): Decoder<T> =>
  (value, where) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return E.right(found);
    const expected = `one of ${words.join(", ")}`;
    if (typeof value !== "string") return wrong(where, expected, value);
    const fix = suggestion(value, words);
    return invalid({ where, problem: "unknown word", expected, got: kindOf(value), fix });
  };

/** A list with at least `min` elements. */
export const listOf =
  <T>(element: Decoder<T>, { min = 0 }: { readonly min?: number } = {}): Decoder<readonly T[]> =>
  (value, where) => {
    if (!Array.isArray(value) || value.length < min) {
      return wrong(where, min > 0 ? `a list of at least ${min}` : "a list", value);
    }
    return validateAll(value as readonly Json[], (item, i) => element(item, `${where}[${i}]`));
  };

/** Two values in a list. */
export const pairOf =
  <T>(element: Decoder<T>): Decoder<readonly [T, T]> =>
  (value, where) =>
    Array.isArray(value) && value.length === 2
      ? sequenceT(validation)(element(value[0], `${where}[0]`), element(value[1], `${where}[1]`))
      : wrong(where, "a list of two", value);

/** The first decoder whose kind of value this is; `expected` names the choices. */
export const either =
  <T, U>(first: Decoder<T>, second: Decoder<U>, expected: string): Decoder<T | U> =>
  (value, where) =>
    pipe(
      first(value, where) as Validated<T | U>,
      E.orElse(() => second(value, where) as Validated<T | U>),
      E.orElse(() => wrong(where, expected, value) as Validated<T | U>),
    );

/** The word null, or what the decoder reads. */
export const nullable =
  <T>(decoder: Decoder<T>): Decoder<T | null> =>
  (value, where) =>
    value === null ? E.right(null) : decoder(value, where);

/** What stands for a missing value. */
export const withDefault =
  <T>(decoder: Decoder<T>, fallback: T): Decoder<T> =>
  (value, where) =>
    value === undefined ? E.right(fallback) : decoder(value, where);

/** A value that need not be there: then its key is not there either. */
export const optional =
  <T>(decoder: Decoder<T>): Decoder<T | undefined> =>
  (value, where) =>
    value === undefined ? E.right(undefined) : decoder(value, where);

/** An object with exactly these keys: a missing object reads as an empty one, and an unknown key is an error. */
export const struct =
  <T extends object>(fields: { readonly [K in keyof T]: Decoder<T[K]> }): Decoder<T> =>
  (value, where) => {
    if (value !== undefined && !isJsonObject(value)) return wrong(where, "an object", value);
    const object = value ?? {};
    const names = Object.keys(fields);
    const at = (key: string): string => (where === "" ? key : `${where}.${key}`);
    const unknown = Object.keys(object)
      .filter((key) => !names.includes(key))
      .map((key): Problem => ({
        where: at(key),
        problem: "unknown key",
        fix: suggestion(key, names),
      }));
    const parts = Object.fromEntries(
      Object.entries<Decoder<unknown>>(fields).map(([key, decoder]) => [
        key,
        decoder(object[key], at(key)),
      ]),
    );
    // fp-ts cannot sequence nothing.
    const sequenced = names.length === 0 ? E.right({}) : sequenceS(validation)(parts);
    const read = pipe(sequenced, E.map(withoutUndefined)) as Validated<T>;
    return validation.ap(
      E.map((decoded: T) => () => decoded)(read),
      unlessProblems(unknown, () => 0),
    );
  };

/** The same object type, whose keys that may be undefined may be absent: what {@link struct} reads. */
export type WithOptional<T> = {
  readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { readonly [K in keyof T as undefined extends T[K] ? K : never]?: T[K] };

const withoutUndefined = (object: object): object =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** An object whose key `kind` says which of several structs it is. */
export const tagged =
  <T extends object>(kinds: { readonly [kind: string]: Decoder<T> }): Decoder<T> =>
  (value, where) => {
    if (!isJsonObject(value)) return wrong(where, "an object with a kind", value);
    const { kind, ...rest } = value;
    return pipe(
      oneOf(...Object.keys(kinds))(kind, `${where}.kind`),
      E.chain((word) => kinds[word](rest, where)),
    );
  };

/** Adds the constant key that tells the members of a union apart. */
export const withKind =
  <const K extends string, T extends object>(
    kind: K,
    decoder: Decoder<T>,
  ): Decoder<T & { readonly kind: K }> =>
  (value, where) =>
    pipe(
      decoder(value, where),
      E.map((decoded) => ({ kind, ...decoded })),
    );
