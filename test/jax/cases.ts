/** Cases of `test/golden/jax`: one expression in both libraries, and what JAX gave for it. */
import { readFileSync } from "node:fs";
import { grad, type Value } from "../../src/index.ts";
import * as lax from "../../src/lax/index.ts";
import * as optim from "../../src/optim/index.ts";
import * as random from "../../src/random/index.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import type { NestedNumbers } from "../../src/core/value.ts";

/** A number that JSON holds, or the word for one that it does not. */
type Word = number | "NaN" | "Infinity" | "-Infinity";
type Nested = Word | readonly Nested[];

export interface JaxCase {
  readonly id: string;
  /** The public function that the case is of, in files that are about functions. */
  readonly name?: string;
  /** The expression of x (and y, z) in this library. */
  readonly js: string;
  readonly args: readonly Nested[];
  /** Whether each argument is f32; the others are i32. */
  readonly f: readonly boolean[];
  readonly v: readonly Word[];
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly g?: readonly (readonly Word[])[];
  readonly gg?: readonly (readonly Word[])[];
}

export const readCases = (file: string): readonly JaxCase[] =>
  JSON.parse(
    readFileSync(new URL(`../golden/jax/${file}`, import.meta.url), "utf8"),
  ) as readonly JaxCase[];

/** Cases that the table "Numbers that differ" names in its first column, behind the name of their file. */
export function documentedDifferences(file: string): ReadonlySet<string> {
  const page = readFileSync(new URL("../../docs/coming-from-jax.md", import.meta.url), "utf8");
  const rows = page.split("\n").filter((line) => line.startsWith(`| ${file}: `));
  return new Set(
    rows.flatMap((row) => [...row.split("|")[1].matchAll(/`([^`]+)`/g)].map(([, id]) => id)),
  );
}

/** The expression of a case as a function of its arguments. */
export function functionOf({ js, args }: JaxCase): (...args: readonly Value[]) => Value {
  const names = ["x", "y", "z"].slice(0, args.length);
  // The expressions are part of this repository, and short: no parser is worth its keep.
  // oxlint-disable-next-line no-new-func, typescript/no-implied-eval
  const made = new Function("np", "nn", "lax", "optim", "random", ...names, `return ${js};`);
  return (...values) => made(np, nn, lax, optim, random, ...values) as Value;
}

const decode = (numbers: Nested): NestedNumbers =>
  typeof numbers === "object" ? numbers.map(decode) : Number(numbers);

export const argumentsOf = ({ args, f }: JaxCase): Value[] =>
  args.map((arg, i) => np.array(decode(arg), f[i] ? "f32" : "i32"));

/** The sum of the elements, each weighted by 1 + 0.1 i. */
export function weightedSum(x: Value): Value {
  const weights = Float32Array.from({ length: x.size }, (_, i) => 1 + 0.1 * i);
  return np.sum(np.multiply(np.reshape(np.array(weights), x.shape), x));
}

/** What this library gives, in the form of the case. */
export function answer(jaxCase: JaxCase): Pick<JaxCase, "v" | "shape" | "dtype" | "g" | "gg"> {
  const f = functionOf(jaxCase);
  const args = argumentsOf(jaxCase);
  const floats = [...args.keys()].filter((i) => jaxCase.f[i]);
  const result = f(...args);
  const gradient = grad((...values: Value[]) => weightedSum(f(...values)), { argnums: floats });
  const second = grad(
    (...values: Value[]) =>
      gradient(...values)
        .map(weightedSum)
        .reduce((a, b) => np.add(a, b)),
    { argnums: floats },
  );
  const words = (x: Value): number[] => [...x.dataSync()];
  return {
    v: words(result),
    shape: result.shape,
    dtype: { f32: "float32", i32: "int32", u32: "uint32" }[result.dtype as string] ?? result.dtype,
    ...(jaxCase.g && { g: gradient(...args).map(words) }),
    ...(jaxCase.gg && { gg: second(...args).map(words) }),
  };
}

/** What differs between an answer and JAX's, in words; empty when nothing does. */
export function differences(jaxCase: JaxCase, given: ReturnType<typeof answer>): string[] {
  const found = (["dtype", "shape"] as const)
    .filter((what) => String(given[what]) !== String(jaxCase[what]))
    .map((what) => `${what} is ${String(given[what])}, in JAX ${String(jaxCase[what])}`);
  return [
    ...found,
    ...compare("element", given.v, jaxCase.v),
    ...(jaxCase.g ?? []).flatMap((g, i) => compare(`gradient ${i}`, given.g?.[i] ?? [], g)),
    ...(jaxCase.gg ?? []).flatMap((g, i) =>
      compare(`second gradient ${i}`, given.gg?.[i] ?? [], g),
    ),
  ];
}

const compare = (what: string, given: readonly Word[], jax: readonly Word[]): string[] =>
  given.length === jax.length
    ? jax.flatMap((y, i) =>
        agree(Number(given[i]), Number(y)) ? [] : [`${what}[${i}] is ${given[i]}, in JAX ${y}`],
      )
    : [`${given.length} numbers of ${what}, in JAX ${jax.length}`];

/** Equal, both NaN, or within 2e-4 of the larger one or 1e-5. */
const agree = (a: number, b: number): boolean =>
  Object.is(a, b) ||
  a === b ||
  (Math.abs(a - b) <= 1e-5 + 2e-4 * Math.max(Math.abs(a), Math.abs(b)) && Number.isFinite(a - b));
