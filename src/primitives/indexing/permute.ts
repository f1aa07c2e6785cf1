import { avalOf } from "../../core/aval.ts";
import type { Value } from "../../core/value.ts";
import { bindNamed, gather, reshape } from "../../ir/ops.ts";
import { definePrimitive, type Params } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { knownValue } from "./rows.ts";
import { expectIndices, expectRank, expectShape } from "../operand-checks.ts";

const where = "permute";

const permuteOp = (x: Value, permutation: Value, inverse: Value): Value =>
  bindNamed(where, [x, permutation, inverse])[0];

/**
 * Rows in another order: x[N, L, w], permutation i32[N, L] and its inverse give
 * out[n, s] = x[n, permutation[n, s]]. Linear in x; the cotangent is permuted by the inverse, a
 * gather again, so nothing is ever scattered.
 */
export const permute = definePrimitive<Params>({
  name: where,
  abstractEval: ([x, permutation, inverse]) => {
    expectRank(where, "x", x, 3);
    for (const [name, indices] of [
      ["the permutation", permutation],
      ["the inverse", inverse],
    ] as const) {
      expectIndices(where, name, indices);
      expectShape(where, name, indices, x.shape.slice(0, 2));
    }
    return [avalOf(x.dtype, x.shape, x.weak)];
  },
  jvp: ([x, permutation, inverse], [tangent]) => ({
    primals: [permuteOp(x, permutation, inverse)],
    tangents: [tangent && permuteOp(tangent, permutation, inverse)],
  }),
  transpose: ([cotangent], [, permutation, inverse]) => [
    cotangent && permuteOp(cotangent, knownValue(inverse), knownValue(permutation)),
    undefined,
    undefined,
  ],
  batch: (values, axes, _params, size) => {
    const mapped = values.map((value, i) => mappedAt(value, axes[i], 0, size));
    const [x, permutation, inverse] = mapped.map((value) => {
      const [, groups, ...rest] = value.shape;
      return reshape(value, [size * groups, ...rest]);
    });
    return { values: [reshape(permuteOp(x, permutation, inverse), mapped[0].shape)], axes: [0] };
  },
  lower: { kind: "kernel" },
  decompose: ([x, permutation]) => [gather(x, permutation, 1)],
  reference: ([x, permutation], [out]) => {
    const [groups, length, width] = x.aval.shape;
    for (let row = 0; row < groups * length; row++) {
      const group = Math.floor(row / length);
      const token = Math.min(Math.max(permutation.words[row], 0), length - 1);
      for (let i = 0; i < width; i++) {
        out.words[row * width + i] = x.words[(group * length + token) * width + i];
      }
    }
  },
});
