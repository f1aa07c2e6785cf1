/** The options that lucidrains' modules were constructed with, and what they are when they were left out. */
import { isJsonObject, type Json, type JsonObject } from "../../edge/json.ts";
import type { GoldenCase } from "../case.ts";

/** Reads one case's options by name. */
export interface CaseOptions {
  readonly given: JsonObject;
  readonly number: (name: string, otherwise: number) => number;
  readonly flag: (name: string, otherwise: boolean) => boolean;
}

export function optionsOf({
  description,
  config,
}: Pick<GoldenCase, "description" | "config">): CaseOptions {
  const described = isJsonObject(description.options) ? description.options : {};
  const given = { ...config, ...described };
  return {
    given,
    number: (name, otherwise) => {
      const value = given[name];
      return typeof value === "number" ? value : otherwise;
    },
    flag: (name, otherwise) => {
      const value = given[name];
      return typeof value === "boolean" ? value : otherwise;
    },
  };
}

export const numbersOf = (value: Json | undefined): readonly number[] =>
  Array.isArray(value) ? value.filter((n: Json) => typeof n === "number") : [];
