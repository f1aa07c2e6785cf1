import type { Value } from "../core/value.ts";
import { withName } from "../core/with-name.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { toFloat, toNumeric } from "../array/promote.ts";

/** An elementwise function of one array. */
export type Unary = (x: ArrayLike) => Value;

/** f32 in and out; integers and bool are converted first. */
export const floating = (where: string, f: (x: Value) => Value): Unary =>
  withName(where, (x) => f(toFloat(x, where)));

/** Any numeric dtype in, the same out; bool counts as i32. */
export const numeric = (where: string, f: (x: Value) => Value): Unary =>
  withName(where, (x) => f(toNumeric(x, where)));

/** As {@link numeric}, but integers are left alone: rounding does nothing to them. */
export const rounding = (where: string, f: (x: Value) => Value): Unary =>
  withName(where, (x) => {
    const value = toValue(x, where);
    return value.dtype === "f32" ? f(value) : toNumeric(value, where);
  });
