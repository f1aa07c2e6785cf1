import * as E from "fp-ts/lib/Either.js";
import { invalid, unlessProblems, type Problem, type Validated } from "./problem.ts";

/** What JSON text stands for. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Strict JSON: a key that stands twice in one object is a problem, where `JSON.parse` keeps the last one. */
export function parseJson(text: string, where: string): Validated<Json> {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return invalid({ where, problem: "is not valid JSON", got: oneLine(reason) });
  }
  const problems = duplicateKeys(text).map((key): Problem => ({
    where,
    problem: "a key stands twice in one object",
    got: JSON.stringify(key),
  }));
  return unlessProblems(problems, () => value);
}

/** UTF-8 bytes of strict JSON. */
export function parseJsonBytes(bytes: Uint8Array, where: string): Validated<Json> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return invalid({ where, problem: "is not valid UTF-8" });
  }
  return parseJson(text, where);
}

/** As {@link parseJson}, for text that must hold an object. */
export const parseJsonObject = (text: string, where: string): Validated<JsonObject> =>
  E.chain((value: Json) =>
    isJsonObject(value)
      ? E.right(value)
      : invalid({ where, problem: "is not a JSON object", got: kindOf(value) }),
  )(parseJson(text, where));

/** The name of a value's kind, for messages. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

const oneLine = (text: string): string => text.replace(/\s+/g, " ");

/** Text is valid JSON already, so a string followed by a colon is a key of the innermost open object. */
function duplicateKeys(text: string): readonly string[] {
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;
  const open: Set<string>[] = [];
  const found: string[] = [];
  for (const match of text.matchAll(token)) {
    if (match[0] === "{") open.push(new Set());
    else if (match[0] === "}") open.pop();
    else if (match[1] !== undefined) {
      const key = JSON.parse(match[0].slice(0, -match[1].length)) as string;
      const keys = open.at(-1);
      if (keys?.has(key)) found.push(key);
      keys?.add(key);
    }
  }
  return found;
}
