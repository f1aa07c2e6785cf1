import { checkParts, checkRecord } from "../core/arguments.ts";
import { checkArray } from "../core/check-array.ts";
import { ShapeError } from "../core/errors.ts";
import { orAbsent } from "../core/kinds.ts";
import { sizeOf } from "../core/shape.ts";
import { checkWhole } from "../core/whole.ts";
import type { Value } from "../core/value.ts";
import { toValueOf, type ArrayLike } from "../array/array-like.ts";
import { broadcastInDim, dotGeneral, topK } from "../lax/index.ts";
import { add, multiply } from "../numpy/arithmetic.ts";
import { sum } from "../numpy/reduce.ts";
import { reshape, transpose } from "../numpy/axes.ts";
import { index } from "../numpy/indexing.ts";
import { take, takeAlongAxis } from "../numpy/take.ts";
import { dense, type DenseParams } from "./dense.ts";
import { layerNorm, type LayerNormParams } from "./layer-norm.ts";
import { softmax } from "./softmax.ts";

/** Of a memory with `n * n` rows that `heads` queries look up by pairs of keys. */
export interface ProductKeyParams {
  /** From the input to `heads` queries of two halves of h features: kernel f32[d, heads 2 h]. */
  readonly query: DenseParams;
  /** Of each half of a query, of h features. */
  readonly norm: LayerNormParams;
  /** f32[heads, 2, n, h]: what the halves are compared with. */
  readonly keys: Value;
  /** f32[n n, e]: row i n + j belongs to key i of the first half and key j of the second. */
  readonly values: Value;
}

export interface ProductKeyOptions {
  /** How many rows each query reads. */
  readonly best: number;
  readonly epsilon?: number;
}

/**
 * A memory layer with product keys, Lample et al. (2019): x f32[..., d] to f32[..., e]. The key of a memory row is a pair of keys, so that the
 * `best` of n n rows are found among the pairs of the `best` of n keys for each half; the result is the sum over heads of the rows
 * weighted by the softmax of their scores. As lucidrains' `PKM`, but that halves of queries have a layer norm instead of a batch norm, which
 * would let a token see the others of its batch.
 *
 * @throws ShapeError when the sizes do not fit, or `best` is more than n
 * @example
 * import { initProductKeys, productKeys } from "reformax/nn";
 * import { key } from "reformax/random";
 * const [params] = initProductKeys({ inputs: 4, outputs: 3, heads: 2, keys: 5, width: 6 })(key(0));
 * console.log(productKeys(params, [[1, 2, 3, 4]], { best: 2 }).shape, params.values.shape); // => [ 1, 3 ] [ 25, 3 ]
 */
export function productKeys(
  params: ProductKeyParams,
  x: ArrayLike,
  options: ProductKeyOptions,
): Value {
  const where = "productKeys";
  const { best, epsilon } = checkRecord(
    options,
    { best: "any", epsilon: orAbsent("finite") },
    "options",
    where,
  );
  const { query, norm, keys, values } = checkParts(
    params,
    ["query", "norm", "keys", "values"],
    "params",
    where,
  );
  const given = toValueOf(x, "f32", where);
  const [heads, , count, half] = checkArray(
    keys,
    "f32",
    ["heads", 2, "n", "h"],
    "params.keys",
    where,
  ).shape;
  checkArray(values, "f32", [count * count, "outputs"], "params.values", where);
  checkBest(best, count);
  const rows = sizeOf(given.shape.slice(0, -1));
  const flat = reshape(given, [rows, given.shape[given.shape.length - 1]]);
  const queries = reshape(dense(query, flat), [rows, heads, 2, half]);
  const scores = dotGeneral(layerNorm(norm, queries, { epsilon }), keys, {
    lhsBatch: [1, 2],
    rhsBatch: [0, 1],
    lhsContract: [3],
    rhsContract: [3],
  });
  const [weights, places] = bestPairs(scores, best);
  const read = take(values, places, 0);
  const weighted = multiply(read, broadcastInDim(weights, read.shape, [0, 1, 2]));
  const summed = sum(weighted, [0, 2]);
  return reshape(summed, [...given.shape.slice(0, -1), values.shape[1]]);
}

function checkBest(best: number, count: number): void {
  if (checkWhole(best, "options.best", "productKeys", 1) <= count) return;
  throw new ShapeError("a query cannot read more keys than there are", {
    where: "productKeys",
    expected: `options.best: at most ${count}`,
    got: String(best),
  });
}

/** From scores [heads, 2, rows, n] of both halves: weights and places of the best pairs, [heads, rows, best]. */
function bestPairs(scores: Value, best: number): readonly [Value, Value] {
  const [heads, , rows, count] = scores.shape;
  const [values, found] = topK(scores, best);
  const pairs = (x: Value, join: (a: Value, b: Value) => Value): Value => {
    const [a, b] = [0, 1].map((side) => index(transpose(x, [1, 0, 2, 3]), side));
    const all = [heads, rows, best, best];
    const spread = (y: Value, axis: number): Value => broadcastInDim(y, all, [0, 1, axis]);
    return reshape(join(spread(a, 2), spread(b, 3)), [heads, rows, best * best]);
  };
  const [chosen, order] = topK(pairs(values, add), best);
  const places = pairs(found, (a, b) => add(multiply(a, count), b));
  return [softmax(chosen), takeAlongAxis(places, order, -1)];
}
