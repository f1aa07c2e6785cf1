import type { Value } from "../core/value.ts";
import { checkParts } from "../core/arguments.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { add } from "../numpy/arithmetic.ts";
import { matmul } from "../numpy/matmul.ts";

export interface DenseParams {
  /** f32[inputs, outputs] */
  readonly kernel: Value;
  /** f32[outputs] */
  readonly bias?: Value | null;
}

/**
 * x kernel + bias along the last axis of x[..., inputs].
 *
 * @throws ShapeError when the sizes do not fit
 * @example
 * import { array } from "reformax/numpy";
 * import { dense } from "reformax/nn";
 * const params = { kernel: array([[1, 0], [0, 2]]), bias: array([10, 20]) };
 * console.log(dense(params, [1, 1]).toArray()); // => [ 11, 22 ]
 */
export function dense(params: DenseParams, x: ArrayLike): Value {
  const { kernel, bias } = checkParts(params, ["kernel"], "params", "dense");
  const product = matmul(toValue(x, "dense"), toValue(kernel, "dense"));
  return bias ? add(product, toValue(bias, "dense")) : product;
}
