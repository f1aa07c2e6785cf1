/*
 * Every public function that returns an `Either` has a twin of the same name and `OrThrow`, for
 * those who do not use fp-ts. The compiler says which function returns what: it sees return types
 * that nobody wrote down.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { modules } from "../../tools/entries.mjs";

mkdirSync("build", { recursive: true });
const folder = resolve(mkdtempSync("build/twins-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file as one of the folder names it. */
const imported = (path: string): string => {
  const from = relative(folder, resolve(path)).replaceAll("\\", "/");
  return JSON.stringify(from.startsWith(".") ? from : `./${from}`);
};

const types = `
import type { Validated } from ${imported("src/edge/problem.ts")};
type IsAny<T> = 0 extends 1 & T ? true : false;
type IsValidated<R> = IsAny<R> extends true ? false
  : [R] extends [never] ? false
  : [R] extends [Validated<unknown>] ? true : false;
type Validating<M> = {
  [K in keyof M & string]: M[K] extends (...args: never[]) => infer R
    ? IsValidated<Awaited<R>> extends true ? K : never
    : never;
}[keyof M & string];
type Own<M> = Exclude<\`\${Validating<M>}OrThrow\`, keyof M>;
type Nested<M> = {
  [K in keyof M & string]: M[K] extends (...args: never[]) => unknown ? never
    : M[K] extends object ? \`\${K}.\${Own<M[K]> & string}\` : never;
}[keyof M & string];
export type Lacking<M> = Own<M> | Nested<M>;
// Written as a template the union is spelled out in the error.
export type Verdict<M> = [Lacking<M>] extends [never] ? "complete" : \`\${Lacking<M>}\`;
`;

const planted = `
import * as E from "fp-ts/lib/Either.js";
import { invalid } from ${imported("src/edge/problem.ts")};
const wrong = () => invalid({ where: "", problem: "" });
export const read = <T>(x: T) => (x ? E.right(x) : wrong());
export const parse = async () => Promise.resolve(wrong());
export const parseOrThrow = () => 1;
export const load = async () => Promise.resolve(wrong());
export const inner = { find: wrong, findOrThrow: () => 1, seek: wrong };
export const anything = (): any => 1;
export const fail = (): never => { throw new Error(); };
`;

/** What the compiler finds lacking in each module. */
function lacking(paths: Readonly<Record<string, string>>): Record<string, string> {
  const names = Object.keys(paths);
  names.forEach((name, i) => {
    const code = `import type { Verdict } from "./types.ts";
import type * as subject from ${imported(paths[name])};
export const verdict: Verdict<typeof subject> = "complete";\n`;
    writeFileSync(join(folder, `module-${i}.ts`), code);
  });
  writeFileSync(join(folder, "types.ts"), types);
  const config = {
    extends: resolve("tsconfig.json"),
    files: [
      resolve("src/backends/wasm/kernels.d.ts"),
      resolve("src/backends/webgpu/wgsl/wgsl.d.ts"),
      ...names.map((_, i) => `module-${i}.ts`),
    ],
    include: [],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = "node_modules/typescript/bin/tsc";
  const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder], { encoding: "utf8" });
  const errors = stdout.split("\n").filter((line) => line.includes("error TS"));
  return Object.fromEntries(
    errors.map((line) => {
      const [, index, type] =
        /module-(\d+)\.ts\(3,.*not assignable to type '(.*)'/.exec(line) ?? [];
      return index === undefined ? ["?", line] : [names[Number(index)], type];
    }),
  );
}

test("no public function that returns an Either lacks its twin that throws", () => {
  expect(Object.keys(modules).length).toBeGreaterThan(10);
  expect(lacking(modules)).toEqual({});
});

test("one that lacks it is found, whatever it is wrapped in", () => {
  const path = join(folder, "planted.ts");
  writeFileSync(path, planted);
  expect(lacking({ planted: path })).toEqual({
    planted: '"inner.seekOrThrow" | "loadOrThrow" | "readOrThrow"',
  });
});
