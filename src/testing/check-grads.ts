import { isDifferentiable } from "../core/dtype.ts";
import { DifferentiationError } from "../core/errors.ts";
import { Tensor, tensorFrom } from "../core/tensor.ts";
import { flatten, paths, unflatten } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { fromFixed } from "../ir/ops.ts";
import { foldIn, key, normal } from "../random/index.ts";
import { jvp, vjp } from "../transforms/index.ts";

export interface CheckGradsOptions {
  /** Derivatives to check: 1, or 2 for those of the gradient as well. Default 1. */
  readonly order?: 1 | 2;
  /** Default: both. A function with a custom vjp and no jvp has no forward mode. */
  readonly modes?: readonly ("forward" | "reverse")[];
  /** Step of the central differences, relative to directions of unit size per element. Default 1e-2. */
  readonly step?: number;
  /** Largest difference, relative to the larger of the two numbers and 1. Default 2e-2. */
  readonly tolerance?: number;
  /** Seed of the random directions. Default 0. */
  readonly seed?: number;
}

type AnyFunction = (...args: never[]) => unknown;

/**
 * Compares the derivatives of `f` at `args` with central differences along random directions: forward mode by the
 * tangent, reverse mode by the inner product with a random cotangent. Arguments and results are trees of arrays; those
 * without a derivative (integers) are left alone. The arithmetic is f32, so keep values of the order of 1. As
 * `jax.test_util.check_grads`.
 *
 * @throws DifferentiationError naming the mode, and both numbers
 * @example
 * import { checkGrads } from "reformax/testing";
 * import { array, sin, type ArrayLike } from "reformax/numpy";
 * checkGrads((x: ArrayLike) => sin(x), [array([0.3, -1])]);
 */
export function checkGrads<Args extends readonly unknown[]>(
  f: (...args: Args) => unknown,
  args: Args,
  options: CheckGradsOptions = {},
): void {
  const { order = 1, modes = ["forward", "reverse"], seed = 0 } = options;
  checkOnce(f, args, options, modes, seed);
  if (order === 2) {
    checkOnce(gradientOf(f, seed), args, options, modes, seed + 1);
  }
}

/** The pull-back of a fixed random cotangent: a function whose derivatives are second ones. */
function gradientOf(f: AnyFunction, seed: number): AnyFunction {
  return (...args) => {
    const [out, pullBack] = vjp<readonly unknown[], unknown>(
      f as (...a: readonly unknown[]) => unknown,
      ...args,
    );
    return pullBack(directionLike(out, seed + 1000));
  };
}

function checkOnce(
  f: AnyFunction,
  args: readonly unknown[],
  { step = 1e-2, tolerance = 2e-2 }: CheckGradsOptions,
  modes: readonly ("forward" | "reverse")[],
  seed: number,
): void {
  const call = f as unknown as (...a: readonly unknown[]) => unknown;
  const tangents = directionLike(args, seed) as readonly unknown[];
  const ahead = realValues(call(...shifted(args, tangents, step)));
  const behind = realValues(call(...shifted(args, tangents, -step)));
  const differences = ahead.map((leaf, i) => leaf.map((x, j) => (x - behind[i][j]) / (2 * step)));
  if (modes.includes("forward")) {
    const [, push] = jvp<readonly unknown[], unknown>(call, args, tangents);
    const pushed = realValues(push);
    pushed.forEach((leaf, i) =>
      leaf.forEach((x, j) => compare("forward mode", x, differences[i][j], tolerance)),
    );
  }
  if (modes.includes("reverse")) {
    const [out, pullBack] = vjp<readonly unknown[], unknown>(call, ...args);
    const cotangent = directionLike(out, seed + 1);
    const pulled = innerProduct(pullBack(cotangent), tangents);
    const expected = realValues(cotangent).reduce(
      (sum, leaf, i) => sum + dot(leaf, differences[i]),
      0,
    );
    compare(
      `reverse mode at ${paths(args).join(", ") || "no argument"}`,
      pulled,
      expected,
      tolerance,
    );
  }
}

function compare(where: string, got: number, expected: number, tolerance: number): void {
  const scale = Math.max(1, Math.abs(got), Math.abs(expected));
  if (Math.abs(got - expected) <= tolerance * scale) return;
  throw new DifferentiationError("the derivative differs from central differences", {
    where: `checkGrads: ${where}`,
    expected: `${expected} +- ${tolerance * scale}`,
    got: String(got),
    fix: "Check the rule; near kinks, move the point or make the step smaller.",
  });
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, i) => sum + x * b[i], 0);

/** A tree of standard normal f32 arrays like the differentiable leaves; null for the others. */
function directionLike(values: unknown, seed: number): unknown {
  const { leaves, structure } = flatten<Value>(values);
  const drawn = leaves.map((leaf, i) =>
    isDifferentiable(leaf.dtype) ? normal(foldIn(key(seed), i), leaf.shape) : null,
  );
  return unflatten(structure, drawn);
}

/** args + step * tangents, leaf by leaf where there is a tangent. Computed in float64, rounded once. */
function shifted(
  args: readonly unknown[],
  tangents: readonly unknown[],
  step: number,
): readonly unknown[] {
  const { leaves, structure } = flatten<Value>(args);
  const directions = flatten<Value>(tangents).leaves.values();
  const moved = leaves.map((leaf) => {
    if (!isDifferentiable(leaf.dtype)) return leaf;
    const direction = wordsOf(directions.next().value);
    const words = wordsOf(leaf).map((x, i) => x + step * direction[i]);
    return tensorFrom("f32", leaf.shape, Float32Array.from(words));
  });
  return unflatten(structure, moved);
}

function wordsOf(value: Value | undefined): readonly number[] {
  const real = value && value.dtype !== "f32" ? fromFixed(value) : value;
  return real instanceof Tensor ? Array.from(real.words()) : [];
}

/** Real values of the differentiable leaves. */
const realValues = (values: unknown): number[][] =>
  flatten<Value>(values)
    .leaves.filter((leaf) => isDifferentiable(leaf.dtype))
    .map((leaf) => [...wordsOf(leaf)]);

function innerProduct(a: unknown, b: unknown): number {
  const right = realValues(b);
  return realValues(a).reduce((sum, leaf, i) => sum + dot(leaf, right[i]), 0);
}
