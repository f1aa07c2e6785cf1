import { checkNumber, checkOptions } from "../core/arguments.ts";
import { normalizeAxis } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { customJvp, jit } from "../transforms/index.ts";
import type { ArrayLike } from "../array/array-like.ts";
import { logaddexp } from "../numpy/exponential.ts";
import { split } from "../numpy/join.ts";
import { toFloat } from "../array/promote.ts";

/**
 * max(x, 0), with derivative 0 at 0; NaN stays NaN, and so does its derivative (JAX: 0). `jax.nn.relu`.
 *
 * @example
 * import { relu } from "reformax/nn";
 * console.log(relu([-1, 2]).toArray()); // => [ 0, 2 ]
 */
export const relu = (x: ArrayLike): Value => positivePart(toFloat(x, "relu"));

const positivePartRule: (x: Value) => Value = customJvp(
  (x: Value) => zeroUnlessPositive(x, x),
  ([x], [direction]) => [
    positivePartRule(x),
    ops.mul(direction, zeroUnlessPositive(x, ops.sign(x))),
  ],
);

/** `y` where x is positive or NaN. */
function zeroUnlessPositive(x: Value, y: Value): Value {
  const zero = ops.zerosLike(x);
  return ops.select(ops.le(x, zero), zero, y);
}

const positivePart = jit(positivePartRule, { name: "relu" });

export interface GeluOptions {
  /** The tanh formula (default) instead of the error function. */
  readonly approximate?: boolean;
}

const sqrtHalf = 0.7071067811865476;
const sqrtTwoOverPi = 0.7978845608028654;
const cubicTerm = 0.044715;

/**
 * x times the normal distribution function of x: x/2 (1 + erf(x / sqrt 2)), or its approximation
 * x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))). Hendrycks & Gimpel 2016; `jax.nn.gelu`.
 *
 * @example
 * import { gelu } from "reformax/nn";
 * console.log(gelu(0).item(), gelu(1, { approximate: false }).item().toFixed(4)); // => 0 0.8413
 */
export function gelu(x: ArrayLike, options: GeluOptions = {}): Value {
  const { approximate = true } = checkOptions(options, { approximate: "flag" }, "gelu");
  const value = toFloat(x, "gelu");
  const weight = approximate ? ops.tanh(cubic(value)) : ops.erf(ops.scale(value, sqrtHalf));
  return ops.mul(ops.scale(value, 0.5), ops.add(weight, ops.fullLike(value, 1)));
}

const cubic = (x: Value): Value =>
  ops.scale(ops.add(x, ops.scale(ops.mul(ops.mul(x, x), x), cubicTerm)), sqrtTwoOverPi);

/**
 * 1 / (1 + e^-x). `jax.nn.sigmoid`.
 *
 * @example
 * import { sigmoid } from "reformax/nn";
 * console.log(sigmoid(0).item()); // => 0.5
 */
export const sigmoid = (x: ArrayLike): Value => ops.logistic(toFloat(x, "sigmoid"));

/**
 * x sigmoid(x), also called swish. `jax.nn.silu`.
 *
 * @example
 * import { silu } from "reformax/nn";
 * console.log(silu(0).item()); // => 0
 */
export function silu(x: ArrayLike): Value {
  const value = toFloat(x, "silu");
  return ops.mul(value, ops.logistic(value));
}

/**
 * log(1 + e^x) without overflow. `jax.nn.softplus`.
 *
 * @example
 * import { softplus } from "reformax/nn";
 * console.log(softplus(0).item().toFixed(4), softplus(100).item()); // => 0.6931 100
 */
export const softplus = (x: ArrayLike): Value => logaddexp(toFloat(x, "softplus"), 0);

/**
 * x where positive, else `slope` x. `jax.nn.leaky_relu`.
 *
 * @example
 * import { leakyRelu } from "reformax/nn";
 * console.log(leakyRelu([-1, 2], 0.5).toArray()); // => [ -0.5, 2 ]
 */
export function leakyRelu(x: ArrayLike, slope = 0.01): Value {
  const value = toFloat(x, "leakyRelu");
  checkNumber(slope, "the slope", "leakyRelu");
  return ops.select(ops.ge(value, ops.zerosLike(value)), value, ops.scale(value, slope));
}

/**
 * The first half along `axis` times the sigmoid of the second. Dauphin et al. 2017; `jax.nn.glu`.
 *
 * @throws ShapeError when the axis is odd
 * @example
 * import { glu } from "reformax/nn";
 * console.log(glu([4, 0]).toArray()); // => [ 2 ]
 */
export function glu(x: ArrayLike, axis = -1): Value {
  const value = toFloat(x, "glu");
  const [signal, gate] = split(value, 2, normalizeAxis(axis, value.shape.length, "glu"));
  return ops.mul(signal, ops.logistic(gate));
}
