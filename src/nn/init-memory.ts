import type { State } from "fp-ts/lib/State.js";
import { checkRecord } from "../core/arguments.ts";
import { checkShape } from "../core/shape.ts";
import { requireKey } from "../random/key.ts";
import { initDense, initLayerNorm } from "./init.ts";
import { normal, type Key } from "./initializers.ts";
import type { ProductKeyParams } from "./product-keys.ts";
import type { SruParams } from "./sru.ts";

/**
 * Parameters of `sru` of a width: Glorot-uniform kernel and zero bias.
 *
 * @example
 * import { initSru } from "reformax/nn";
 * import { key } from "reformax/random";
 * console.log(initSru(4)(key(0))[0].kernel.shape); // => [ 4, 12 ]
 */
export const initSru = (width: number): State<Key, SruParams> => {
  checkShape([width], "initSru");
  return initDense(width, 3 * width);
};

/** Sizes of a memory with product keys. */
export interface ProductKeyInit {
  readonly inputs: number;
  readonly outputs: number;
  readonly heads: number;
  /** Keys of each half: the memory has their square of rows. */
  readonly keys: number;
  /** Features of a query, which are halved: even. */
  readonly width: number;
}

/**
 * Parameters of `productKeys`: Glorot-uniform queries without bias, normal keys and values with variance 1 / h and 1 / outputs.
 *
 * @throws ShapeError for a query of odd width
 * @example
 * import { initProductKeys } from "reformax/nn";
 * import { key } from "reformax/random";
 * const [params] = initProductKeys({ inputs: 4, outputs: 3, heads: 2, keys: 5, width: 6 })(key(0));
 * console.log(params.keys.shape, params.values.shape); // => [ 2, 2, 5, 3 ] [ 25, 3 ]
 */
export const initProductKeys = (sizes: ProductKeyInit): State<Key, ProductKeyParams> => {
  const where = "initProductKeys";
  checkRecord(
    sizes,
    { inputs: "size", outputs: "size", heads: "size", keys: "size", width: "size" },
    "sizes",
    where,
  );
  const { inputs, outputs, heads, keys: count, width } = sizes;
  const half = width / 2;
  checkShape([half], where);
  const scaled = (size: number) => normal(1 / Math.sqrt(size));
  return (key) => {
    requireKey(key, where);
    const [query, afterQuery] = initDense(inputs, heads * width, { bias: null })(key);
    const [keys, afterKeys] = scaled(half)([heads, 2, count, half])(afterQuery);
    const [values, rest] = scaled(outputs)([count * count, outputs])(afterKeys);
    return [{ query, norm: initLayerNorm(half)(rest)[0], keys, values }, rest];
  };
};
