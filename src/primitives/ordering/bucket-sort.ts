import { avalOf } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { bindNamed } from "../../ir/ops.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { moveAxis } from "../batch-axes.ts";
import { clampIndices } from "../indexing/rows.ts";
import { expectIndices, expectRankFrom } from "../operand-checks.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly bucketSort: BucketSortParams;
  }
}

export interface BucketSortParams {
  readonly numBuckets: number;
}

const where = "bucketSort";

/**
 * Stable counting sort of the tokens of each row by bucket: buckets i32[..., L] in [0, numBuckets) give
 * order[s] = token at slot s and inverse[token] = slot. Buckets out of range count as the nearest one in
 * range. Replaces the composite key bucket * L + position, which overflows 32 bits.
 */
export const bucketSort = definePrimitive<BucketSortParams>({
  name: where,
  abstractEval: ([buckets], { numBuckets }) => {
    expectIndices(where, "buckets", buckets);
    expectRankFrom(where, "buckets", buckets, 1);
    if (!Number.isInteger(numBuckets) || numBuckets < 1) {
      throw new ShapeError("invalid number of buckets", {
        where,
        expected: "a positive integer",
        got: String(numBuckets),
      });
    }
    return [avalOf("i32", buckets.shape), avalOf("i32", buckets.shape)];
  },
  jvp: "nonDifferentiable",
  transpose: "nonLinear",
  batch: ([buckets], [mapped = 0], params) => {
    const axis = mapped === buckets.shape.length - 1 ? 0 : mapped;
    return {
      values: bindNamed(where, [moveAxis(buckets, mapped, axis)], params),
      axes: [axis, axis],
    };
  },
  lower: { kind: "kernel" },
  decompose: ([buckets], { numBuckets }) => {
    const [, order] = bindNamed("sort", [clampIndices(buckets, numBuckets)]);
    const [, inverse] = bindNamed("sort", [order]);
    return [order, inverse];
  },
  reference: ([buckets], [order, inverse], { numBuckets }) => {
    const length = buckets.aval.shape[buckets.aval.shape.length - 1];
    const bucketAt = (i: number): number => Math.min(Math.max(buckets.words[i], 0), numBuckets - 1);
    for (let start = 0; start < buckets.words.length; start += length) {
      const tokens = Array.from({ length }, (_, token) => token).sort(
        (a, b) => bucketAt(start + a) - bucketAt(start + b) || a - b,
      );
      tokens.forEach((token, slot) => {
        order.words[start + slot] = token;
        inverse.words[start + token] = slot;
      });
    }
  },
});
