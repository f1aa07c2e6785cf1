import { ReformaxError } from "../core/errors.ts";
import { paramsKey } from "../ir/key.ts";

/** Statics nest no deeper than this: what does is a list by mistake, and would end the stack. */
const deepest = 500;

/**
 * Text that is the same for static arguments of equal content: numbers, texts, lists, plain objects, typed arrays, maps,
 * sets and dates are compared by what they hold now; symbols, functions and objects of classes by identity.
 *
 * @throws ReformaxError for an object that holds itself
 */
export function staticKey(
  value: unknown,
  where: string,
  ancestors: readonly object[] = [],
): string {
  if (typeof value === "symbol") return symbolKey(value);
  if (typeof value !== "object" || value === null) return paramsKey(value);
  if (ancestors.includes(value) || ancestors.length === deepest) {
    const isCyclic = ancestors.includes(value);
    throw new ReformaxError(`a static argument ${isCyclic ? "holds itself" : "nests too deeply"}`, {
      where,
      expected: `values that end within ${deepest} levels, so that equal ones can be told`,
      fix: "Give jit what the function reads of it, or close over it.",
    });
  }
  const inner = [...ancestors, value];
  const keysOf = (items: Iterable<unknown>): string =>
    Array.from(items, (item) => staticKey(item, where, inner)).join();
  if (Array.isArray(value)) return `[${keysOf(value)}]`;
  if (value instanceof Map) return `Map[${keysOf(value)}]`;
  if (value instanceof Set) return `Set[${keysOf(value)}]`;
  if (kindOf(value) === "Date") return `Date(${Number(value)})`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer[${new Uint8Array(value).join()}]`;
  if (ArrayBuffer.isView(value)) return bytesKey(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return paramsKey(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${staticKey(item, where, inner)}`).join()}}`;
}

/** "Date" and the like, also of another page's objects. */
const kindOf = (value: object): string => Object.prototype.toString.call(value).slice(8, -1);

function bytesKey(view: ArrayBufferView): string {
  return `${kindOf(view)}[${new Uint8Array(view.buffer, view.byteOffset, view.byteLength).join()}]`;
}

const symbols = new Map<symbol, number>();

/** Symbols of one description are different ones. */
function symbolKey(symbol: symbol): string {
  const shared = Symbol.keyFor(symbol);
  if (shared !== undefined) return `Symbol.for(${JSON.stringify(shared)})`;
  const known = symbols.get(symbol) ?? symbols.size;
  symbols.set(symbol, known);
  return `Symbol#${known}`;
}
