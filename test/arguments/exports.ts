import { modules } from "../../tools/entries.mjs";

export type AnyFunction = (...args: unknown[]) => unknown;

/** Modules that run as the code of a worker: they start to work when they are imported. */
const programs = new Set(["reformax/backends/wasm/worker"]);

const isClass = (value: unknown): boolean =>
  typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));

const functionsOf = (exports: object): Record<string, AnyFunction> =>
  Object.fromEntries(
    Object.entries(exports).filter(([, value]) => typeof value === "function" && !isClass(value)),
  );

const isNamespace = (value: unknown): value is object =>
  Object.prototype.toString.call(value) === "[object Module]";

/** The functions of every public module, and of the objects of functions in it (`module: name`). */
export async function publicFunctions(): Promise<Record<string, Record<string, AnyFunction>>> {
  const found: Record<string, Record<string, AnyFunction>> = {};
  for (const name of Object.keys(modules).filter((module) => !programs.has(module))) {
    const exports = (await import(/* @vite-ignore */ name)) as object;
    found[name] = functionsOf(exports);
    for (const [part, value] of namespacesIn(exports))
      found[`${name}: ${part}`] = functionsOf(value);
  }
  return found;
}

/** The objects of functions in a module, and in these, by their paths. */
const namespacesIn = (exports: object): readonly (readonly [string, object])[] =>
  Object.entries(exports).flatMap(([name, value]: [string, unknown]) =>
    isNamespace(value)
      ? [
          [name, value] as const,
          ...namespacesIn(value).map(([part, inner]) => [`${name}.${part}`, inner] as const),
        ]
      : [],
  );
