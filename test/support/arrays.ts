/** Tensors from and to plain numbers, and what tests expect of them. */
import { expect } from "vitest";
import type { Value } from "../../src/core/value.ts";
import { firstDifference } from "./tensors.ts";

export * from "./tensors.ts";

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** Fails unless |actual - expected| <= absolute + relative |expected| everywhere. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { absolute, relative }: Tolerance,
  what: string,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs(actual[i] - expected[i]);
    if (!(error <= absolute + relative * Math.abs(expected[i]))) {
      expect.fail(`${what}: element ${i} is ${actual[i]}, expected ${expected[i]}`);
    }
  }
}

/**
 * Fails unless all errors are within `relative` of the largest expected magnitude, or of 0.1 where everything
 * cancels.
 */
export function expectCloseToLargest(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  what: string,
): void {
  const largest = Array.from(expected).reduce((max, x) => Math.max(max, Math.abs(x)), 0);
  expectClose(actual, expected, { absolute: relative * Math.max(largest, 0.1), relative: 0 }, what);
}

/** Fails unless both have the same shape, dtype and bits. */
export function expectSameBits(actual: Value, expected: Value, what: string): void {
  expect(actual.shape, `${what}: shape`).toEqual(expected.shape);
  expect(actual.dtype, `${what}: dtype`).toBe(expected.dtype);
  const difference = firstDifference(actual, expected);
  if (difference < 0) return;
  const [a, b] = [actual.dataSync()[difference], expected.dataSync()[difference]];
  expect.fail(`${what}: element ${difference} is ${a}, expected ${b}`);
}
