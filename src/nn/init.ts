import { checkFunction, checkOptions } from "../core/arguments.ts";
import { ShapeError } from "../core/errors.ts";
import { checkShape } from "../core/shape.ts";
import { requireKey } from "../random/key.ts";
import type { State } from "fp-ts/lib/State.js";
import type { DenseParams } from "./dense.ts";
import type { EmbeddingParams } from "./embedding.ts";
import * as initializers from "./initializers.ts";
import type { LayerNormParams } from "./layer-norm.ts";
import type { AxialPositionParams } from "./positions.ts";
import type { Initializer, Key } from "./initializers.ts";

export interface DenseInit {
  readonly kernel?: Initializer;
  /** `null` for a layer without bias. */
  readonly bias?: Initializer | null;
}

/**
 * Parameters of `dense`: Glorot-uniform kernel and zero bias unless told otherwise.
 *
 * @example
 * import { initDense } from "reformax/nn";
 * import { key } from "reformax/random";
 * const [params, rest] = initDense(3, 4)(key(0));
 * console.log(params.kernel.shape, rest.shape); // => [ 3, 4 ] [ 2 ]
 */
export const initDense = (
  inputs: number,
  outputs: number,
  options: DenseInit = {},
): State<Key, DenseParams> => {
  const { kernel = initializers.glorotUniform(), bias = initializers.zeros } = checkOptions(
    options,
    { kernel: "function", bias: "functionOrNull" },
    "initDense",
  );
  checkShape([inputs, outputs], "initDense");
  return (key) => {
    requireKey(key, "initDense");
    const [weights, afterKernel] = kernel([inputs, outputs])(key);
    if (bias === null) return [{ kernel: weights }, afterKernel];
    const [shift, rest] = bias([outputs])(afterKernel);
    return [{ kernel: weights, bias: shift }, rest];
  };
};

/**
 * Parameters of `embedding`: normal with standard deviation 1 unless told otherwise.
 *
 * @example
 * import { initEmbedding } from "reformax/nn";
 * import { key } from "reformax/random";
 * console.log(initEmbedding(10, 4)(key(0))[0].table.shape); // => [ 10, 4 ]
 */
export const initEmbedding = (
  vocabulary: number,
  width: number,
  table: Initializer = initializers.normal(1),
): State<Key, EmbeddingParams> => {
  const initial = checkFunction(
    table,
    "table",
    "initEmbedding",
  )(checkShape([vocabulary, width], "initEmbedding"));
  return (key) => {
    const [weights, rest] = initial(key);
    return [{ table: weights }, rest];
  };
};

/**
 * Parameters of `layerNorm`: gamma 1, beta 0.
 *
 * @example
 * import { initLayerNorm } from "reformax/nn";
 * import { key } from "reformax/random";
 * console.log(initLayerNorm(2)(key(0))[0].gamma.toArray()); // => [ 1, 1 ]
 */
export const initLayerNorm = (width: number): State<Key, LayerNormParams> => {
  const shape = checkShape([width], "initLayerNorm");
  return (key) => [
    { gamma: initializers.ones(shape)(key)[0], beta: initializers.zeros(shape)(key)[0] },
    key,
  ];
};

/**
 * Parameters of `axialPositions` for a grid of `sizes` with `widths` per axis.
 *
 * @example
 * import { initAxialPositions } from "reformax/nn";
 * import { key } from "reformax/random";
 * const [{ tables }] = initAxialPositions([2, 3], [1, 4])(key(0));
 * console.log(tables.map((table) => table.shape)); // => [ [ 2, 1 ], [ 3, 4 ] ]
 */
export const initAxialPositions = (
  sizes: readonly number[],
  widths: readonly number[],
  table: Initializer = initializers.normal(1),
): State<Key, AxialPositionParams> => {
  checkShape(sizes, "initAxialPositions");
  checkFunction(table, "table", "initAxialPositions");
  if (checkShape(widths, "initAxialPositions").length !== sizes.length) {
    throw new ShapeError("every axis has a size and a width", {
      where: "initAxialPositions",
      expected: `${sizes.length} widths`,
      got: String(widths.length),
    });
  }
  return (key) => {
    let rest = key;
    const tables = sizes.map((size, axis) => {
      const [weights, next] = table([size, widths[axis]])(rest);
      rest = next;
      return weights;
    });
    return [{ tables }, rest];
  };
};
