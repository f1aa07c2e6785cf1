import { applyOp, inputExpression, type ScalarOp } from "../../../ir/expression.ts";
import { recordExpressions } from "../../../ir/scalar/record-expressions.ts";
import { wgslPrelude } from "./prelude.ts";
import { printLanes } from "./print.ts";

/** The functions of the prelude by name. */
const prelude: ReadonlyMap<string, string> = new Map(
  wgslPrelude.split(/^(?=fn )/m).flatMap((text) => {
    const name = /^fn (\w+)/.exec(text)?.[1];
    return name === undefined ? [] : [[name, text.replace(/\s*(\/\/.*\s*)*$/, "")] as const];
  }),
);

/** Scalar operations that bodies of kernels may call, as functions of one argument. */
const formulas: readonly ScalarOp[] = ["expF32", "logF32"];

const isGuard = (name: string): boolean => name === "guard";

/** What rounds is left to compilers to fuse. */
const unguarded = "fn guard(x: f32) -> f32 { return x; }";

/** The functions that a text calls, and those that they call in turn, callees first. */
export function libraryFor(text: string, guarded: boolean): string {
  const found = new Map<string, string>();
  const visit = (name: string): void => {
    if (found.has(name)) return;
    const definition = isGuard(name) && !guarded ? unguarded : definitionOf(name);
    for (const other of namesIn(definition)) if (other !== name) visit(other);
    found.set(name, definition);
  };
  namesIn(text).forEach(visit);
  return [...found.values()].join("\n");
}

const names: readonly string[] = [...prelude.keys(), ...formulas];
const called = new RegExp(`\\b(${names.join("|")})\\(`, "g");

const namesIn = (text: string): ReadonlySet<string> =>
  new Set([...text.matchAll(called)].map(([, name]) => name));

function definitionOf(name: string): string {
  const known = prelude.get(name);
  if (known !== undefined) return known;
  const op = formulas.find((each) => each === name);
  if (op === undefined) throw new Error(`there is no function ${name}`);
  const results = recordExpressions([applyOp(op, inputExpression(0, "f32"))]);
  const {
    statements,
    results: [result],
  } = printLanes(results, () => "x");
  return `fn ${name}(x: f32) -> f32 {\n  ${[...statements, `return ${result};`].join("\n  ")}\n}`;
}
