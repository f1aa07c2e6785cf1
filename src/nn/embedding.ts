import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { checkParts } from "../core/arguments.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { toIndices } from "../array/indices.ts";
import { swapaxes } from "../numpy/axes.ts";
import { matmul } from "../numpy/matmul.ts";

export interface EmbeddingParams {
  /** f32[vocabulary, width] */
  readonly table: Value;
}

/**
 * The rows of the table at i32 tokens[...]: f32[..., width]. Tokens outside of the vocabulary are
 * clamped to it.
 *
 * @example
 * import { array } from "reformax/numpy";
 * import { embedding } from "reformax/nn";
 * console.log(embedding({ table: array([[1, 2], [3, 4]]) }, [1, 0]).toArray()); // => [ [ 3, 4 ], [ 1, 2 ] ]
 */
export const embedding = (params: EmbeddingParams, tokens: ArrayLike): Value =>
  ops.gather(tableOf(params, "embedding"), toIndices(tokens, "embedding"));

/** The table of these parameters. @throws ReformaxError where there is none */
export const tableOf = (params: { readonly table: Value }, where: string): Value =>
  toValue(checkParts(params, ["table"], "params", where).table, where);

/**
 * Logits that share the table of {@link embedding}: x[..., width] times each row. Press & Wolf 2017.
 *
 * @throws ShapeError when the widths differ
 * @example
 * import { array } from "reformax/numpy";
 * import { tiedLogits } from "reformax/nn";
 * console.log(tiedLogits({ table: array([[1, 2], [3, 4]]) }, [1, 1]).toArray()); // => [ 3, 7 ]
 */
export const tiedLogits = (params: EmbeddingParams, x: ArrayLike): Value =>
  matmul(toValue(x, "tiedLogits"), swapaxes(tableOf(params, "tiedLogits"), 0, 1));
