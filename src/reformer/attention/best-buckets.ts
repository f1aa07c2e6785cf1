import { checkArray } from "../../core/check-array.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import { checkWhole } from "../../core/whole.ts";
import { dotGeneral, sliceInDim } from "../../lax/index.ts";
import {
  argsort,
  concatenate,
  flip,
  negative,
  reshape,
  tile,
  transpose,
} from "../../numpy/index.ts";
import { scanRows } from "../row-chunks.ts";

/** Products that exist at once for each group: a hash of a long sequence has very many buckets. */
const productsAtOnce = 2 ** 16;

/**
 * The `count` best buckets of vectors f32[N, L, width] by a single rotation f32[G, width, 1, half] (G divides N): i32[N, count, L], the last
 * round by the largest of [xR; -xR], the one before by the second largest and so on, the lowest index first on ties. Several
 * rounds for the price of one, which are less independent of each other; trax 1.2.3 and lucidrains call it not rehashing.
 *
 * @throws ShapeError unless the rotation is of one round, with at least `count` buckets
 * @example
 * import { array } from "reformax/numpy";
 * import { lsh } from "reformax/reformer";
 * const rotation = array([[[[1, 0]], [[0, 1]]]]);
 * console.log(lsh.bestBuckets(array([[[3, -1]]]), rotation, 2).toArray()); // => [ [ [ 3 ], [ 0 ] ] ]
 */
export function bestBuckets(x: Value, rotation: Value, count: number): Value {
  const where = "lsh.bestBuckets";
  checkArray(x, "f32", ["N", "L", "width"], "x", where);
  checkArray(rotation, "f32", ["G", "width", 1, "half"], "rotation", where);
  checkWhole(count, "count", where, 1);
  const [groups, , width] = x.shape;
  const [rotationGroups, , rounds, half] = rotation.shape;
  if (rounds !== 1 || count > 2 * half || groups % rotationGroups !== 0) {
    throw new ShapeError("the rotation does not fit", {
      where,
      expected: `f32[groups, ${width}, 1, half] with ${count} or more buckets, groups a divisor of ${groups}`,
      got: formatShape(rotation.shape),
    });
  }
  const own = reshape(rotation, [rotationGroups, width, half]);
  const ofGroups = rotationGroups === groups ? own : tile(own, [groups / rotationGroups, 1, 1]);
  const ofRows = (rows: Value): Value => {
    const products = dotGeneral(rows, ofGroups, {
      lhsBatch: [1],
      rhsBatch: [0],
      lhsContract: [2],
      rhsContract: [1],
    });
    // Sorted by their negatives, equal ones keep their order: the lowest index comes first.
    const ranked = argsort(concatenate([negative(products), products], 2), 2);
    const best = flip(sliceInDim(ranked, 0, count, 2), 2);
    return transpose(best, [1, 0, 2]);
  };
  const chunk = Math.max(1, Math.floor(productsAtOnce / (2 * half)));
  const [, best] = scanRows<null, Value, Value>(
    (_, rows) => [null, ofRows(rows)],
    null,
    transpose(x, [1, 0, 2]),
    { chunk },
  );
  return transpose(best, [1, 2, 0]);
}
