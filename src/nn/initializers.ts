/**
 * Parameter initialisers: functions of a shape that give a `State<Key, Value>` of fp-ts. Running
 * one takes a key and returns the array and the key that is left, so that a chain of them never
 * uses a key twice.
 */
import { checkFunction, checkNumber, checkOptions } from "../core/arguments.ts";
import { checkWhole } from "../core/whole.ts";
import type { State } from "fp-ts/lib/State.js";
import { ShapeError } from "../core/errors.ts";
import { checkShape, formatShape, sizeOf, type Shape } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import * as fill from "../numpy/fill.ts";
import * as random from "../random/index.ts";
import { requireKey } from "../random/key.ts";

/** A random key, as the state that initialisers thread through. */
export type Key = Value;

/** How to make an array of a given shape from a key. */
export type Initializer = (shape: Shape) => State<Key, Value>;

/** A computation that draws with a fresh key and leaves another for the next one. */
export const draw = <A>(sample: (key: Key) => A): State<Key, A> => {
  checkFunction(sample, "sample", "draw");
  return (key) => {
    const [rest, own] = random.split(requireKey(key, "draw"));
    return [sample(own), rest];
  };
};

/**
 * Zeros; takes nothing from the key.
 *
 * @example
 * import { initializers } from "reformax/nn";
 * import { key } from "reformax/random";
 * console.log(initializers.zeros([2])(key(0))[0].toArray()); // => [ 0, 0 ]
 */
export const zeros: Initializer = (shape) => {
  checkShape(shape, "zeros");
  return (key) => [fill.zeros(shape), requireKey(key, "zeros")];
};

/**
 * Ones; takes nothing from the key.
 *
 * @example
 * import { initializers } from "reformax/nn";
 * import { key } from "reformax/random";
 * console.log(initializers.ones([2])(key(0))[0].toArray()); // => [ 1, 1 ]
 */
export const ones: Initializer = (shape) => {
  checkShape(shape, "ones");
  return (key) => [fill.ones(shape), requireKey(key, "ones")];
};

/**
 * Normally distributed around 0. `jax.nn.initializers.normal`.
 *
 * @example
 * import { initializers } from "reformax/nn";
 * import { key } from "reformax/random";
 * const [weights, rest] = initializers.normal(0.02)([3, 4])(key(0));
 * console.log(weights.shape, rest.shape); // => [ 3, 4 ] [ 2 ]
 */
export const normal = (standardDeviation: number): Initializer => {
  checkNumber(standardDeviation, "standardDeviation", "normal");
  return (shape) => {
    checkShape(shape, "normal");
    return draw((key) => ops.scale(random.normal(key, shape), standardDeviation));
  };
};

/**
 * Evenly distributed over [-limit, limit). `trax.layers.RandomUniformInitializer`.
 *
 * @example
 * import { initializers } from "reformax/nn";
 * import { key } from "reformax/random";
 * console.log(initializers.uniform(0.1)([3])(key(0))[0].shape); // => [ 3 ]
 */
export const uniform = (limit: number): Initializer => {
  checkNumber(limit, "limit", "uniform");
  return (shape) => {
    checkShape(shape, "uniform");
    return draw((key) => random.uniform(key, shape, -limit, limit));
  };
};

export interface FanOptions {
  /** Number of leading axes that stack separate matrices (heads, layers). Default 0. */
  readonly stackedAxes?: number;
}

/**
 * Even over +-sqrt(6 / (inputs + outputs)) for kernels [..., inputs, outputs]. Glorot & Bengio
 * 2010; `jax.nn.initializers.glorot_uniform`.
 *
 * @throws ShapeError when the shape has fewer than two axes besides the stacked ones
 * @example
 * import { initializers } from "reformax/nn";
 * import { key } from "reformax/random";
 * const [kernel] = initializers.glorotUniform()([2, 4])(key(0));
 * console.log(kernel.dataSync().every((w) => Math.abs(w) <= 1)); // => true
 */
export const glorotUniform = (options: FanOptions = {}): Initializer => {
  checkFans(options, "glorotUniform");
  return (shape) => {
    checkShape(shape, "glorotUniform");
    const { inputs, outputs } = fans(shape, options, "glorotUniform");
    return uniform(Math.sqrt(6 / Math.max(1, inputs + outputs)))(shape);
  };
};

/** Standard deviation of the normal distribution truncated at +-2. */
const truncatedDeviation = 0.8796256610342398;

/**
 * Normal with variance 1 / inputs, truncated at two standard deviations. LeCun et al. 1998;
 * `jax.nn.initializers.lecun_normal`.
 *
 * @throws ShapeError when the shape has fewer than two axes besides the stacked ones
 * @example
 * import { initializers } from "reformax/nn";
 * import { key } from "reformax/random";
 * console.log(initializers.lecunNormal()([2, 4])(key(0))[0].shape); // => [ 2, 4 ]
 */
export const lecunNormal = (options: FanOptions = {}): Initializer => {
  checkFans(options, "lecunNormal");
  return (shape) => {
    checkShape(shape, "lecunNormal");
    const { inputs } = fans(shape, options, "lecunNormal");
    const deviation = Math.sqrt(1 / Math.max(1, inputs)) / truncatedDeviation;
    return draw((key) => ops.scale(random.truncatedNormal(key, -2, 2, shape), deviation));
  };
};

function checkFans(options: FanOptions, where: string): void {
  const { stackedAxes = 0 } = checkOptions(options, { stackedAxes: "number" }, where);
  checkWhole(stackedAxes, "the number of stacked axes", where, 0);
}

/** Sizes that a kernel connects; axes before the last two multiply both (as in convolutions). */
function fans(
  shape: Shape,
  { stackedAxes = 0 }: FanOptions,
  where: string,
): { inputs: number; outputs: number } {
  const kernel = shape.slice(stackedAxes);
  if (kernel.length < 2) {
    throw new ShapeError("a kernel needs two axes", {
      where: `initializers.${where}`,
      expected: "[..., inputs, outputs]",
      got: formatShape(kernel),
    });
  }
  const window = sizeOf(kernel.slice(0, -2));
  return {
    inputs: window * kernel[kernel.length - 2],
    outputs: window * kernel[kernel.length - 1],
  };
}
