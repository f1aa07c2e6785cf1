import { checkKind, checkNumber } from "../core/arguments.ts";
import { describeArgument } from "../core/describe-argument.ts";
import { ReformaxError } from "../core/errors.ts";
import { scalarTensor } from "../core/tensor.ts";
import type { Kind } from "../core/kinds.ts";
import { isValue, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";

/**
 * A factor, f32, that depends on the step number: a JavaScript number, or an i32 scalar that may be
 * traced. The first step is number 1, as in trax (optax counts from 0).
 */
export type Schedule = (step: number | Value) => Value;

/** A number of steps: finite, and not below 0. A share of a run's steps may have a fraction. */
export function checkSteps(steps: number, where: string, positive = false): number {
  if (Number.isFinite(steps) && (positive ? steps > 0 : steps >= 0)) return steps;
  throw new ReformaxError("no such number of steps", {
    where,
    expected: positive ? "more than 0" : "0 or more",
    got: describeArgument(steps),
  });
}

export function checkEnds(start: number, end: number, where: string): void {
  checkNumber(start, "the start", where);
  checkNumber(end, "the end", where);
}

export const f32 = (value: number): Value => ops.literal(value, "f32");

export const stepKind: Kind = {
  expected: "the number of a step, or an array of it",
  is: (x) => typeof x === "number" || isValue(x),
};

const toFloat = (step: number | Value, where: string): Value =>
  typeof step === "number"
    ? scalarTensor(step, "f32")
    : ops.convert(checkKind(step, stepKind, "step", where), "f32");

export const schedule =
  (where: string, f: (step: Value) => Value): Schedule =>
  (step) =>
    f(toFloat(step, where));
