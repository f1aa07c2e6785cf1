import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { gelu, leakyRelu, relu, sigmoid, silu, softplus } from "./activations.ts";

const clamp = (x: Value, low: number, high: number): Value =>
  ops.min(ops.max(x, ops.fullLike(x, low)), ops.fullLike(x, high));

const square = (x: Value): Value => ops.mul(x, x);

/** The normal distribution function with mean sqrt(1/2) and variance 1/(4 pi). Ma et al. 2022, appendix B. */
function laplace(x: Value): Value {
  const [mean, deviation] = [0.707107, 0.282095];
  const units = ops.scale(ops.sub(x, ops.fullLike(x, mean)), 1 / (deviation * Math.SQRT2));
  return ops.scale(ops.add(ops.erf(units), ops.fullLike(x, 1)), 0.5);
}

/** x where positive, else e^x - 1; the exponential of a large x is never taken. Clevert et al. 2016. */
const elu = (x: Value): Value => {
  const zero = ops.zerosLike(x);
  const isPositive = ops.gt(x, zero);
  return ops.select(isPositive, x, ops.expm1(ops.select(isPositive, zero, x)));
};

/**
 * Activations by name, each a function of f32 arrays. They are those of HuggingFace's `hidden_act` (in brackets where it is called
 * otherwise), but for the ones with parameters, and those of trax' Reformers.
 *
 * - `relu`, `relu6`: at most 6, `reluSquared` (relu2), `leakyRelu`: slope 0.01, `elu`, `softplus`
 * - `gelu`: by the error function; `geluTanh` (gelu_new, gelu_fast, gelu_pytorch_tanh; trax' FastGelu); `geluClipped` (gelu_10): gelu
 *   within +-10; `geluQuick` (quick_gelu): x sigmoid(1.702 x)
 * - `silu` (swish), `mish`: x tanh(softplus(x)), `sigmoid`, `tanh`, `laplace`, `identity` (linear)
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { activations } from "reformax/nn";
 * console.log(activations.reluSquared(array([-1, 3])).toArray()); // => [ 0, 9 ]
 */
export const activations = {
  relu: (x: Value): Value => relu(x),
  relu6: (x: Value): Value => ops.min(relu(x), ops.fullLike(x, 6)),
  reluSquared: (x: Value): Value => square(relu(x)),
  leakyRelu: (x: Value): Value => leakyRelu(x),
  elu,
  softplus: (x: Value): Value => softplus(x),
  gelu: (x: Value): Value => gelu(x, { approximate: false }),
  geluTanh: (x: Value): Value => gelu(x, { approximate: true }),
  geluClipped: (x: Value): Value => clamp(gelu(x, { approximate: false }), -10, 10),
  geluQuick: (x: Value): Value => ops.mul(x, ops.logistic(ops.scale(x, 1.702))),
  silu: (x: Value): Value => silu(x),
  mish: (x: Value): Value => ops.mul(x, ops.tanh(softplus(x))),
  sigmoid: (x: Value): Value => sigmoid(x),
  tanh: (x: Value): Value => ops.tanh(x),
  laplace,
  identity: (x: Value): Value => x,
} as const satisfies Readonly<Record<string, (x: Value) => Value>>;

/** A name in {@link activations}. */
export type Activation = keyof typeof activations;

/** All of their names. */
export const activationNames = Object.keys(activations) as readonly Activation[];
