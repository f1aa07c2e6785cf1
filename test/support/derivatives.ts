/** Derivatives by finite differences, for tests of functions of one array. */
import { expect } from "vitest";
import type { Value } from "../../src/core/value.ts";
import { grad, jvp } from "../../src/index.ts";
import { add, multiply, sum } from "../../src/numpy/index.ts";
import { expectClose } from "./arrays.ts";
import { counting } from "./grid.ts";

/**
 * Fails unless reverse and forward derivatives of `f` at `x` agree with central differences: the
 * directional derivative of sum(f(x) * weights) along a direction, both fixed.
 */
export function expectDerivatives(f: (x: Value) => Value, x: Value, tolerance = 2e-3): void {
  const weights = multiply(counting(f(x).shape, "f32", 2), 0.2);
  const direction = multiply(counting(x.shape, "f32", 7), 0.2);
  const objective = (at: Value): Value => sum(multiply(f(at), weights));
  const step = 1e-2;
  const along = (t: number): number => objective(add(x, multiply(direction, t))).item();
  // Fourth order, so that the step can be large against the rounding of f32.
  const slope =
    (8 * (along(step) - along(-step)) - (along(2 * step) - along(-2 * step))) / (12 * step);
  const close = { absolute: tolerance, relative: tolerance };
  const gradient = grad(objective)(x);
  expect(gradient.shape).toEqual(x.shape);
  expectClose([sum(multiply(gradient, direction)).item()], [slope], close, "reverse");
  const [, tangent] = jvp(objective, [x], [direction]);
  expectClose([tangent.item()], [slope], close, "forward");
}
