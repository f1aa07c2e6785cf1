import { checkFunction, checkList, checkOptions } from "../core/arguments.ts";
import { isDifferentiable } from "../core/dtype.ts";
import { BackendError, DifferentiationError } from "../core/errors.ts";
import { isDeviceStorage } from "../core/storage.ts";
import { Tensor, tensorFrom } from "../core/tensor.ts";
import { toHost } from "../core/to-host.ts";
import { flatten, paths, unflatten } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { fromFixed } from "../ir/ops.ts";
import { foldIn, key, normal } from "../random/index.ts";
import { flattenValues } from "../transforms/flat-function.ts";
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
 * @throws DifferentiationError naming the mode, and both numbers; BackendError where elements are on a device: use
 * {@link checkGradsAsync}
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
  const check = checking("checkGrads", f, args, options);
  for (let next = check.next([]); next.done !== true; next = check.next(next.value)) {
    const late = next.value.find(({ storage }) => isDeviceStorage(storage));
    if (!late) continue;
    throw new BackendError(`the elements are on ${late.place}, where they cannot be read at once`, {
      where: "checkGrads",
      fix: "Write `await checkGradsAsync(...)`.",
    });
  }
}

/**
 * {@link checkGrads} on any backend, devices included. Rejects with a DifferentiationError.
 *
 * @example
 * import { checkGradsAsync } from "reformax/testing";
 * import { array, sin, type ArrayLike } from "reformax/numpy";
 * await checkGradsAsync((x: ArrayLike) => sin(x), [array([0.3, -1])]);
 */
export async function checkGradsAsync<Args extends readonly unknown[]>(
  f: (...args: Args) => unknown,
  args: Args,
  options: CheckGradsOptions = {},
): Promise<void> {
  const check = checking("checkGradsAsync", f, args, options);
  let next = check.next([]);
  while (next.done !== true) next = check.next(await toHost(next.value));
}

/** Something that wants to read arrays on its way: it yields them, and gets them where they can be read at once. */
type Reading<T> = Generator<readonly Tensor[], T, readonly Tensor[]>;

function* checking(
  where: string,
  f: AnyFunction,
  args: readonly unknown[],
  options: CheckGradsOptions,
): Reading<void> {
  checkFunction(f, "what to differentiate", where);
  flattenValues(checkList(args, "the list of arguments", where), where);
  const {
    order = 1,
    modes = ["forward", "reverse"],
    seed = 0,
  } = checkOptions(
    options,
    { order: "number", modes: "list", step: "number", tolerance: "number", seed: "number" },
    where,
  );
  for (const mode of modes) checkOptions({ mode }, { mode: ["forward", "reverse"] }, where);
  checkOptions({ order }, { order: [1, 2] }, where);
  yield* checkOnce(f, args, options, modes, seed);
  if (order === 2) yield* checkOnce(gradientOf(f, seed), args, options, modes, seed + 1);
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

function* checkOnce(
  f: AnyFunction,
  args: readonly unknown[],
  { step = 1e-2, tolerance = 2e-2 }: CheckGradsOptions,
  modes: readonly ("forward" | "reverse")[],
  seed: number,
): Reading<void> {
  const call = f as unknown as (...a: readonly unknown[]) => unknown;
  const tangents = directionLike(args, seed) as readonly unknown[];
  const point = yield* realValues(args);
  const direction = yield* realValues(tangents);
  const moved = (by: number): readonly unknown[] =>
    withValues(
      args,
      point.map((leaf, i) => leaf.map((x, j) => x + by * direction[i][j])),
    );
  const ahead = yield* realValues(call(...moved(step)));
  const behind = yield* realValues(call(...moved(-step)));
  const differences = ahead.map((leaf, i) => leaf.map((x, j) => (x - behind[i][j]) / (2 * step)));
  if (modes.includes("forward")) {
    const [, push] = jvp<readonly unknown[], unknown>(call, args, tangents);
    const pushed = yield* realValues(push);
    pushed.forEach((leaf, i) =>
      leaf.forEach((x, j) => compare("forward mode", x, differences[i][j], tolerance)),
    );
  }
  if (modes.includes("reverse")) {
    const [out, pullBack] = vjp<readonly unknown[], unknown>(call, ...args);
    const cotangent = directionLike(out, seed + 1);
    const pulled = innerProduct(yield* realValues(pullBack(cotangent)), direction);
    const expected = innerProduct(yield* realValues(cotangent), differences);
    const where = `reverse mode at ${paths(args).join(", ") || "no argument"}`;
    compare(where, pulled, expected, tolerance);
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

const innerProduct = (a: readonly number[][], b: readonly number[][]): number =>
  a.reduce((sum, leaf, i) => sum + leaf.reduce((s, x, j) => s + x * b[i][j], 0), 0);

/** A tree of standard normal f32 arrays like the differentiable leaves; null for the others. */
function directionLike(values: unknown, seed: number): unknown {
  const { leaves, structure } = flatten<Value>(values);
  const drawn = leaves.map((leaf, i) =>
    isDifferentiable(leaf.dtype) ? normal(foldIn(key(seed), i), leaf.shape) : null,
  );
  return unflatten(structure, drawn);
}

/** The tree with values in place of its differentiable leaves, computed in float64 and rounded once. */
function withValues(
  args: readonly unknown[],
  values: readonly (readonly number[])[],
): readonly unknown[] {
  const { leaves, structure } = flatten<Value>(args);
  const next = values.values();
  const moved = leaves.map((leaf) =>
    isDifferentiable(leaf.dtype)
      ? tensorFrom("f32", leaf.shape, Float32Array.from(next.next().value ?? []))
      : leaf,
  );
  return unflatten(structure, moved);
}

/** Real values of the differentiable leaves. */
function* realValues(values: unknown): Reading<number[][]> {
  const smooth = flatten<Value>(values).leaves.filter((leaf) => isDifferentiable(leaf.dtype));
  const real = smooth.map((leaf) => (leaf.dtype === "f32" ? leaf : fromFixed(leaf)));
  const read = yield real.filter((leaf) => leaf instanceof Tensor);
  return read.map((leaf) => Array.from(leaf.words("checkGrads")));
}
