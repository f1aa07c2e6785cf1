import { inspect } from "node:util";

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** A value as an example shows it: containers as literals, objects of the library by their `toString`. */
export function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showInside).join(", ")}]`;
  if (typeof value !== "object" || value === null) {
    return typeof value === "string" ? value : inspect(value);
  }
  if (isPlain(value)) {
    const entries = Object.entries(value).map(([key, entry]) => `${key}: ${showInside(entry)}`);
    return entries.length === 0 ? "{}" : `{ ${entries.join(", ")} }`;
  }
  const isOwn = Reflect.get(value, "toString") !== Object.prototype.toString;
  return isOwn && !ArrayBuffer.isView(value) ? String(value) : inspect(value);
}

const showInside = (value: unknown): string =>
  typeof value === "string" ? inspect(value) : show(value);

/** White space carries no meaning: an example may wrap and align what is printed. */
const normal = (text: string): string =>
  text
    .replace(/\s+/g, " ")
    .replace(/([[({]) /g, "$1")
    .replace(/ ([\])}])/g, "$1")
    .trim();

/** Called by an example in place of the expression that has a `// => expected` behind it. */
export function check(line: number, expected: string, values: readonly unknown[]): void {
  const printed = values.map(show).join(" ");
  if (normal(printed) === normal(expected)) return;
  throw new Error(`line ${line} of the example prints\n  ${printed}\nbut says\n  ${expected}`);
}

/** Stands for `console` where an example prints without saying what. */
export const quiet = {
  log(...values: readonly unknown[]): void {
    values.forEach(show);
  },
};
