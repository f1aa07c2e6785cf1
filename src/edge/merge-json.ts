import { isJsonObject, type Json, type JsonObject } from "./json.ts";

/**
 * `over` laid over `base`: objects are merged key by key, everything else is replaced. Objects of
 * different `kind` are replaced as a whole, because one kind's keys mean nothing to another. A key
 * of `over` that is undefined is not there.
 */
export function mergeJson(base: Json, over: Json): Json {
  if (!isJsonObject(base) || !isJsonObject(over)) return over;
  const otherKind = over.kind !== undefined && over.kind !== base.kind;
  if (otherKind) return over;
  const laid = Object.keys(over).filter((key) => over[key] !== undefined);
  const merged = laid.map((key) => [
    key,
    Object.hasOwn(base, key) ? mergeJson(base[key], over[key]) : over[key],
  ]);
  return { ...base, ...(Object.fromEntries(merged) as JsonObject) };
}

/** Dotted paths at which two values differ, with both values. */
export function differences(
  a: Json | undefined,
  b: Json | undefined,
  where = "",
): readonly { readonly where: string; readonly a?: Json; readonly b?: Json }[] {
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
    return keys.flatMap((key) =>
      differences(a[key], b[key], where === "" ? key : `${where}.${key}`),
    );
  }
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [{ where, a, b }];
}
