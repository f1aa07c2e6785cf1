/** The options that lucidrains' modules were constructed with, and what they are when they were left out. */
import type { Json, JsonObject } from "../../edge/json.ts";

/** Reads one module's options by name. */
export interface ModuleOptions {
  readonly given: JsonObject;
  readonly number: (name: string, otherwise: number) => number;
  readonly flag: (name: string, otherwise: boolean) => boolean;
}

export const moduleOptions = (given: JsonObject): ModuleOptions => ({
  given,
  number: (name, otherwise) => {
    const value = given[name];
    return typeof value === "number" ? value : otherwise;
  },
  flag: (name, otherwise) => {
    const value = given[name];
    return typeof value === "boolean" ? value : otherwise;
  },
});

export const numbersOf = (value: Json | undefined): readonly number[] =>
  Array.isArray(value) ? value.filter((n: Json) => typeof n === "number") : [];
