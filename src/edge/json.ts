import * as E from "fp-ts/lib/Either.js";
import { jsonProblems } from "./check-json.ts";
import { duplicateKeys } from "./duplicate-keys.ts";
import { kindOf, shorten } from "./kind-of.ts";
import { invalid, unlessProblems, type Problem, type Validated } from "./problem.ts";

/** What JSON text stands for. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * JSON with nothing in it that a program would stumble over later: no key twice in one object, where `JSON.parse` keeps the
 * last one, and nothing that {@link jsonProblems} finds.
 */
export function parseJson(text: string, where: string): Validated<Json> {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return invalid({ where, problem: "is not valid JSON", got: shorten(reason, 200) });
  }
  const twice = duplicateKeys(text).map((key): Problem => ({
    where,
    problem: "a key stands twice in one object",
    got: kindOf(key),
  }));
  return unlessProblems([...twice, ...jsonProblems(value, where)], () => value);
}

/** UTF-8 bytes of strict JSON. */
export const parseJsonBytes = (bytes: Uint8Array, where: string): Validated<Json> =>
  E.chain((text: string) => parseJson(text, where))(decodeUtf8(bytes, where));

/** The text that bytes are, a mark of their order included. */
export function decodeUtf8(bytes: Uint8Array, where: string): Validated<string> {
  try {
    return E.right(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return invalid({ where, problem: "is not valid UTF-8" });
  }
}

/** The value, where it is an object. */
export const asJsonObject = (value: Json, where: string): Validated<JsonObject> =>
  isJsonObject(value)
    ? E.right(value)
    : invalid({
        where,
        problem: "is not a JSON object",
        expected: "an object",
        got: kindOf(value),
      });

/** As {@link parseJson}, for text that must hold an object. */
export const parseJsonObject = (text: string, where: string): Validated<JsonObject> =>
  E.chain((value: Json) => asJsonObject(value, where))(parseJson(text, where));
