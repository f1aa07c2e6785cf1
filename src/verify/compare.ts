import { formatAval } from "../core/aval.ts";
import { shapesEqual } from "../core/shape.ts";
import type { Tensor } from "../core/tensor.ts";
import type { Problem } from "../edge/problem.ts";
import { largestMagnitude } from "./magnitudes.ts";

/** How far a result may be off. */
export interface Tolerance {
  /** Outputs: |a - e| <= absolute + relative |e|. */
  readonly absolute: number;
  readonly relative: number;
  /** Gradients: a share of the leaf's largest entry. */
  readonly gradient: number;
}

/** Where a float64 run is there to compare with. */
export const exactTolerance: Tolerance = { absolute: 2e-5, relative: 1e-4, gradient: 1e-4 };

/**
 * Where there is only a float32 run whose logits were near -1e5, where float32 has steps of 0.0078: at tokens that see
 * nothing but themselves, and whatever attends to them. The absolute one is that of HuggingFace's own tests.
 */
export const roundedTolerance: Tolerance = { absolute: 1e-3, relative: 1e-4, gradient: 3e-3 };

/** Sums that cancel leave float32 roundings of what was added: this share of the largest gradient of all leaves. */
const cancellation = 2e-7;

/** What a comparison found: the largest error, and why it is not acceptable, if it is not. */
export interface Comparison {
  readonly error: number;
  readonly problems: readonly Problem[];
}

const failed = (problem: Problem): Comparison => ({ error: Infinity, problems: [problem] });

/**
 * Compares an output, f32[..., features], with one run or with either of two. All features of a position must agree
 * with one and the same run. Where only one of the two runs agrees, it must be the same one at all such positions: an
 * implementation rounds as one of them does, and a case in which it seems to change over was tampered with.
 *
 * @param masked - whether a position carries no meaning
 */
export function compareOutput(
  name: string,
  got: Tensor,
  runs: readonly Tensor[],
  masked: (position: number) => boolean,
  tolerance: Tolerance = exactTolerance,
): Comparison {
  const shape = runs[0].shape;
  if (!sameType(got, runs[0])) return failed(misshapen(name, got, runs[0]));
  const features = shape.length === 0 ? 1 : shape[shape.length - 1];
  const positions = features === 0 ? 0 : got.size / features;
  const onlyRun: (number | undefined)[] = runs.map(() => undefined);
  let error = 0;
  for (let position = 0; position < positions; position++) {
    if (masked(position)) continue;
    const found = runs.map((run) => errorAt(got, run, position, features, tolerance));
    const best = found.reduce((a, b) => (b.excess < a.excess ? b : a));
    if (!(best.excess <= 0)) return failed(mismatch(name, position, best, got, runs[0]));
    const agreeing = found.flatMap(({ excess }, run) => (excess <= 0 ? [run] : []));
    if (agreeing.length === 1) onlyRun[agreeing[0]] ??= position;
    error = Math.max(error, Math.min(...agreeing.map((run) => found[run].error)));
  }
  const [first, second] = onlyRun;
  if (runs.length > 1 && first !== undefined && second !== undefined) {
    const problem = `agrees only with the float64 run at position ${first}, only with the float32 run at ${second}`;
    return failed({ where: name, problem });
  }
  return { error, problems: [] };
}

interface PositionError {
  /** Largest |a - e| of the position. */
  readonly error: number;
  /** How far the worst feature lies outside its tolerance; NaN and not above 0 are what they seem. */
  readonly excess: number;
  readonly index: number;
}

function errorAt(
  got: Tensor,
  run: Tensor,
  position: number,
  features: number,
  { absolute, relative }: Tolerance,
): PositionError {
  const a = got.words();
  const e = run.words();
  let worst: PositionError = { error: 0, excess: -Infinity, index: position * features };
  let error = 0;
  for (let index = position * features; index < (position + 1) * features; index++) {
    const distance = Math.abs(a[index] - e[index]);
    if (Number.isNaN(distance)) return { error: Infinity, excess: Infinity, index };
    error = Math.max(error, distance);
    const excess = distance - (absolute + relative * Math.abs(e[index]));
    if (excess > worst.excess) worst = { error, excess, index };
  }
  return { ...worst, error };
}

function mismatch(
  name: string,
  position: number,
  { index }: PositionError,
  got: Tensor,
  run: Tensor,
): Problem {
  return {
    where: `${name}, position ${position}`,
    problem: "wrong value",
    expected: String(run.words()[index]),
    got: String(got.words()[index]),
  };
}

/**
 * Compares a gradient with the other implementation's, within a share of the leaf's largest entry.
 *
 * @param ofAll - the largest entry of all gradients of the case
 */
export function compareGradient(
  name: string,
  got: Tensor,
  expected: Tensor,
  ofAll = 0,
  { gradient }: Tolerance = exactTolerance,
): Comparison {
  if (!sameType(got, expected)) return failed(misshapen(name, got, expected));
  const a = got.words();
  const e = expected.words();
  const largest = largestMagnitude(expected);
  const limit = Math.max(gradient * largest, cancellation * ofAll);
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    const distance = Math.abs(a[i] - e[i]);
    if (!(distance <= limit)) {
      return failed({
        where: `${name}[${i}]`,
        problem: "wrong gradient",
        expected: `${e[i]} +- ${limit.toPrecision(3)}`,
        got: String(a[i]),
      });
    }
    worst = Math.max(worst, distance);
  }
  const scale = Math.max(largest, (cancellation / gradient) * ofAll);
  return { error: scale === 0 ? 0 : worst / scale, problems: [] };
}

/** Integers must agree exactly. */
export function compareIntegers(name: string, got: Tensor, expected: Tensor): Comparison {
  if (!shapesEqual(got.shape, expected.shape)) return failed(misshapen(name, got, expected));
  const a = got.words();
  const e = expected.words();
  const wrong = a.findIndex((value, i) => value !== e[i]);
  if (wrong < 0) return { error: 0, problems: [] };
  const where = `${name}[${wrong}]`;
  return failed({
    where,
    problem: "wrong bucket",
    expected: String(e[wrong]),
    got: String(a[wrong]),
  });
}

const sameType = (a: Tensor, b: Tensor): boolean =>
  a.dtype === b.dtype && shapesEqual(a.shape, b.shape);

const misshapen = (where: string, got: Tensor, expected: Tensor): Problem => ({
  where,
  problem: "our result is misshapen",
  expected: formatAval(expected.aval),
  got: formatAval(got.aval),
});
