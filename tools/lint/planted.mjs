import { checks } from "./checks/index.mjs";
import { parse } from "./parse.mjs";

/**
 * Small source trees with one known fault each, and clean ones. The lint runs them before the real sources: a check that
 * finds nothing there could find nothing anywhere.
 */
export const planted = [
  fault("layers", "upward", { "src/core/a.ts": `import { b } from "../ir/b.ts";` }),
  fault("layers", "upward, type only", {
    "src/ir/a.ts": `import type { B } from "../primitives/b.ts";`,
  }),
  fault("layers", "upward, re-export", { "src/core/a.ts": `export { b } from "../ir/b.ts";` }),
  fault("layers", "upward, re-export of all", { "src/core/a.ts": `export * from "../ir/b.ts";` }),
  fault("layers", "upward, dynamic", {
    "src/nn/a.ts": `export const b = () => import("../training/b.ts");`,
  }),
  fault("layers", "upward, import type expression", {
    "src/core/a.ts": `export type B = import("../ir/b.ts").B;`,
  }),
  fault("layers", "neighbour", { "src/nn/a.ts": `import { b } from "../optim/b.ts";` }),
  fault("layers", "neighbour, wrong way", {
    "src/reformer/a.ts": `import { b } from "../training/b.ts";`,
  }),
  fault("layers", "golden cases from a file format", {
    "src/interop/a.ts": `import { b } from "../verify/b.ts";`,
  }),
  fault("layers", "training from generation", {
    "src/generation/a.ts": `import { b } from "../training/b.ts";`,
  }),
  fault("layers", "back end from above", {
    "src/transforms/a.ts": `import { b } from "../backends/wasm/b.ts";`,
  }),
  fault("layers", "back end from a back end", {
    "src/backends/wasm/a.ts": `import { b } from "../reference/b.ts";`,
  }),
  fault("layers", "tower from a back end", {
    "src/backends/wasm/a.ts": `import { b } from "../../primitives/b.ts";`,
  }),
  fault("layers", "tower from the planner", {
    "src/plan/a.ts": `import { b } from "../primitives/b.ts";`,
  }),
  fault("layers", "package entry from below", {
    "src/nn/a.ts": `import { b } from "../index.ts";`,
  }),
  fault("layers", "own public name", { "src/nn/a.ts": `import { b } from "reformax/core";` }),
  fault("layers", "a file of the package from a guest", {
    "demo/src/a.ts": `import type { B } from "../../src/core/b.ts";`,
  }),
  fault("layers", "outside the source tree", {
    "src/core/a.ts": `import { b } from "../../test/b.ts";`,
  }),
  fault("layers", "unknown folder", { "src/misc/a.ts": `export const a = 1;` }),

  fault("cycles", "two files", {
    "src/core/a.ts": `import { b } from "./b.ts";`,
    "src/core/b.ts": `import { a } from "./a.ts";`,
  }),
  fault("cycles", "types only, three files", {
    "src/core/a.ts": `import type { B } from "./b.ts";`,
    "src/core/b.ts": `export type { C } from "./c.ts";`,
    "src/core/c.ts": `import { type A } from "./a.ts";`,
  }),
  fault("cycles", "itself", { "src/core/a.ts": `import { a } from "./a.ts";` }),

  fault("exactMath", "function", { "src/core/a.ts": `export const a = Math.exp(1);` }),
  fault("exactMath", "random", { "src/random/a.ts": `export const a = Math.random();` }),
  fault("exactMath", "computed", { "src/core/a.ts": `export const a = Math["ex" + "p"](1);` }),
  fault("exactMath", "as a value", { "src/optim/a.ts": `const { pow } = Math;` }),
  fault("exactMath", "power", { "src/optim/a.ts": `export const a = (b: number) => 0.9 ** b;` }),
  fault("exactMath", "power assignment", { "src/nn/a.ts": `let a = 2; a **= 0.5;` }),
  fault("exactMath", "power, marked without a reason", {
    "src/nn/a.ts": `export const a = (b: number) => 2 ** b; // exact-power`,
  }),

  fault("foreignPackages", "fp-ts below the edges", {
    "src/core/a.ts": `import * as E from "fp-ts/lib/Either.js";`,
  }),
  fault("foreignPackages", "fp-ts, type only", {
    "src/plan/a.ts": `import type { Either } from "fp-ts/lib/Either.js";`,
  }),
  fault("foreignPackages", "a package of the program", {
    "src/reformer/a.ts": `import { Command } from "commander";`,
  }),

  fault("importablePackages", "the whole of fp-ts", {
    "src/nn/a.ts": `import { pipe } from "fp-ts";`,
  }),
  fault("importablePackages", "a folder of fp-ts", {
    "src/training/a.ts": `import type { Either } from "fp-ts/Either";`,
  }),
  fault("importablePackages", "a file of fp-ts without its ending", {
    "src/interop/a.ts": `export type A = import("fp-ts/lib/Either").Either<string, number>;`,
  }),
  fault("importablePackages", "modules that Node does not load", {
    "src/optim/a.ts": `import { pipe } from "fp-ts/es6/function.js";`,
  }),

  fault("pageSafe", "built-in", { "src/training/a.ts": `import { open } from "node:fs";` }),
  fault("pageSafe", "built-in without prefix", {
    "src/backends/wasm/a.ts": `export const a = () => import("worker_threads");`,
  }),
  fault("pageSafe", "a file that uses built-ins", {
    "src/training/a.ts": `import { b } from "./node/b.ts";`,
  }),
  fault("pageSafe", "a file of edge that uses built-ins", {
    "src/edge/a.ts": `import { b } from "./node/b.ts";`,
  }),
  fault("pageSafe", "computed import", {
    "src/core/a.ts": `export const a = (b: string) => import(b);`,
  }),
  fault("pageSafe", "global variable", { "src/core/a.ts": `export const a = process.argv;` }),
  fault("pageSafe", "global class", { "src/core/a.ts": `export const a = Buffer.from("");` }),

  fault("machineFreeNames", "a backend in the planner", {
    "src/plan/a.ts": `export const a = { wasmPages: 1 };`,
  }),
  fault("machineFreeNames", "encoding in the planner", {
    "src/plan/a.ts": `export const encode = (opcodes: number[]) => 1;`,
  }),
  fault("machineFreeNames", "a kernel's workspace outside of its backend", {
    "src/reformer/a.ts": `export const workspaceWords = 80;`,
  }),
  fault("machineFreeNames", "a kernel's arguments in an operation", {
    "src/primitives/a.ts": `export const a = { immediates: [1] };`,
  }),

  clean("a machine in a comment, workspace in the planner", {
    "src/plan/a.ts": `// WASM words\nexport const workspaceBytes = 1;`,
  }),
  clean("every direction that is allowed", {
    "src/index.ts": `export * from "./reformer/a.ts"; export { b } from "./backends/wasm/a.ts";`,
    "src/cli/main.ts": `import "node:fs"; import "commander"; import "../index.ts"; import "../training/node/a.ts";`,
    "demo/src/a.ts": `import "reformax/training/worker"; import "uplot"; import "./b.ts"; import "./c.css";`,
    "src/training/node/a.ts": `import "node:fs"; import "../a.ts"; export const a = process.argv;`,
    "src/training/a.ts": `import "../reformer/a.ts"; import "../interop/a.ts"; import "fp-ts/lib/Either.js";`,
    "src/interop/a.ts": `import "../reformer/a.ts"; export const a = Math.exp(1);`,
    "src/verify/node/a.ts": `import "node:fs"; import "../../interop/a.ts"; import "../../edge/node/a.ts";`,
    "src/edge/node/a.ts": `import "node:fs"; import "../../core/a.ts";`,
    "src/reformer/a.ts": `import type { A } from "../nn/a.ts"; export * from "../numpy/a.ts";`,
    "src/lax/a.ts": `import "../numpy/a.ts"; import "../core/a.ts";`,
    "src/backends/wasm/a.ts": `import bytes from "../../../build/kernels.wasm"; import "../../plan/a.ts";`,
    "src/plan/a.ts": `import "../ir/a.ts"; import "../core/a.ts";`,
    "src/ir/a.ts": `import { type A } from "../core/a.ts";`,
  }),
  clean("exact arithmetic", {
    "src/core/a.ts": [
      "export const a = Math.sqrt(Math.max(2 ** 31, -(2 ** 4))) + Math.PI;",
      "export const b = (n: number) => 2 ** n; // exact-power: a small integer power of two",
      "// exact-power: the exponent is 2",
      "export const c = (n: number) => n ** 2;",
      "export const d = { Math: 1, process: 2 };",
      "export const e = (process: string) => process + d.Math + d.process + String(globalThis.Buffer);",
    ].join("\n"),
  }),
];

function fault(check, name, sources) {
  return { check, name: `${check}: ${name}`, sources };
}

function clean(name, sources) {
  return { check: undefined, name: `clean: ${name}`, sources };
}

/**
 * Runs all checks over one planted tree.
 * @returns {string | undefined} what went wrong with the lint itself
 */
export function missed({ check, name, sources }) {
  const files = Object.entries(sources).map(([path, source]) => parse(path, source));
  const problems = Object.entries(checks).flatMap(([key, run]) =>
    run(files).map((problem) => ({ key, ...problem })),
  );
  if (check === undefined) {
    return problems.length === 0 ? undefined : `${name}: reported ${problems[0].message}`;
  }
  const found = problems.filter(({ key }) => key === check).length;
  return found === 1 ? undefined : `${name}: expected one problem, found ${found}`;
}
