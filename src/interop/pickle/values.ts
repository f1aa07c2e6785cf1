import type { Tensor } from "../../core/tensor.ts";
import { inputError, type InputError } from "../../edge/problem.ts";

/** What a pickle may hold. Lists, dictionaries and objects are filled after they were made, as the machine goes on. */
export type Pickled =
  | null
  | boolean
  | number
  | string
  | PickledBytes
  | PickledList
  | PickledTuple
  | PickledEntries
  | PickledGlobal
  | PickledDType
  | PickledArray
  | PickledObject;

export interface PickledBytes {
  readonly kind: "bytes";
  readonly bytes: Uint8Array;
}

export interface PickledList {
  readonly kind: "list";
  readonly items: Pickled[];
}

export interface PickledTuple {
  readonly kind: "tuple";
  readonly items: readonly Pickled[];
}

export interface PickledEntries {
  readonly kind: "dictionary";
  readonly entries: [Pickled, Pickled][];
}

/** A name that a file may call. */
export interface PickledGlobal {
  readonly kind: "global";
  readonly name: string;
}

export interface PickledDType {
  readonly kind: "dtype";
  readonly code: string;
  order: string;
}

export interface PickledArray {
  readonly kind: "array";
  tensor: Tensor | null;
}

/** Of a class that is not known: what it was made of, and what it was given. Nothing of it runs. */
export interface PickledObject {
  readonly kind: "object";
  readonly parts: Pickled[];
}

export const tuple = (...items: Pickled[]): PickledTuple => ({ kind: "tuple", items });

export const fault = (
  problem: string,
  details: { expected?: string; got?: string } = {},
): InputError => inputError({ where: "pickle", problem, ...details });

/** The value, if it is of this kind. */
export function ofKind<K extends Exclude<Pickled, null | boolean | number | string>["kind"]>(
  value: Pickled | undefined,
  kind: K,
): Extract<Pickled, { readonly kind: K }> {
  if (typeof value === "object" && value !== null && value.kind === kind)
    return value as Extract<Pickled, { readonly kind: K }>;
  throw fault("a value is of another kind", { expected: kind, got: nameOfKind(value) });
}

export const nameOfKind = (value: Pickled | undefined): string =>
  typeof value === "object" && value !== null ? value.kind : String(value).slice(0, 60);

/** The items of a tuple of so many. */
export function tupleOf(value: Pickled | undefined, least: number): readonly Pickled[] {
  const { items } = ofKind(value, "tuple");
  if (items.length >= least) return items;
  throw fault("a tuple is too short", { expected: `${least} items`, got: `${items.length}` });
}
