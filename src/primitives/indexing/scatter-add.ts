import { avalOf } from "../../core/aval.ts";
import type { Value } from "../../core/value.ts";
import {
  and,
  broadcastInDim,
  full,
  fullLike,
  gather,
  ge,
  lt,
  scatterAdd as scatterAddOp,
  select,
  zerosLike,
} from "../../ir/ops.ts";
import { indexedRows } from "../../ir/layouts.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import { checkRows, knownValue } from "./rows.ts";
import { expectDType, expectSameDType, expectShape } from "../operand-checks.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly scatterAdd: ScatterAddParams;
  }
}

export interface ScatterAddParams {
  /** Number of leading axes that all operands share. */
  readonly batchDims: number;
}

const where = "scatterAdd";

/**
 * x[batch..., n, inner...] plus updates[batch..., m..., inner...] at the rows indices[batch..., m...].
 * Out-of-range rows are dropped; updates of one row are added in ascending order of m, so the
 * bits never depend on threads (`x.at[i].add(u, mode="drop")`).
 */
export const scatterAdd = definePrimitive<ScatterAddParams>({
  name: "scatterAdd",
  abstractEval: ([x, indices, updates], { batchDims }) => {
    expectDType(where, "x", x, ["f32", "i32", "u32"]);
    expectSameDType(where, "updates", updates, x);
    checkRows(where, x, indices, batchDims);
    expectShape(where, "updates", updates, [...indices.shape, ...x.shape.slice(batchDims + 1)]);
    return [avalOf(x.dtype, x.shape)];
  },
  jvp: ([x, indices, updates], [xTangent, , updatesTangent], { batchDims }) => ({
    primals: [scatterAddOp(x, indices, updates, batchDims)],
    tangents: [
      updatesTangent
        ? scatterAddOp(xTangent ?? zerosLike(x), indices, updatesTangent, batchDims)
        : xTangent,
    ],
  }),
  transpose: ([cotangent], [x, indices, updates], { batchDims }) => {
    if (!cotangent) return [undefined, undefined, undefined];
    return [
      x.linear ? cotangent : undefined,
      undefined,
      updates.linear ? takeInRange(cotangent, knownValue(indices), batchDims) : undefined,
    ];
  },
  batch: ([x, indices, updates], [xAxis, indexAxis, updatesAxis], { batchDims }, size) => {
    if (indexAxis === undefined) {
      // The mapped axis rides along as the first inner one.
      const mappedX = mappedAt(x, xAxis, batchDims + 1, size);
      const mappedUpdates = mappedAt(updates, updatesAxis, indices.shape.length, size);
      const values = [scatterAddOp(mappedX, indices, mappedUpdates, batchDims)];
      return { values, axes: [batchDims + 1] };
    }
    const [mappedX, mappedIndices, mappedUpdates] = [
      mappedAt(x, xAxis, 0, size),
      mappedAt(indices, indexAxis, 0, size),
      mappedAt(updates, updatesAxis, 0, size),
    ];
    return {
      values: [scatterAddOp(mappedX, mappedIndices, mappedUpdates, batchDims + 1)],
      axes: [0],
    };
  },
  lower: { kind: "kernel", inPlace: [[0, 0]] },
  reference: ([x, indices, updates], [out], { batchDims }) => {
    const { batch, n, inner, m } = indexedRows(x.aval, indices.aval, batchDims);
    out.words.set(x.words);
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < m; j++) {
        const row = indices.words[b * m + j];
        if (row < 0 || row >= n) continue;
        for (let i = 0; i < inner; i++) {
          // The typed array rounds to f32 or wraps to 32 bits.
          out.words[(b * n + row) * inner + i] += updates.words[(b * m + j) * inner + i];
        }
      }
    }
  },
});

/** Rows of x at the indices, 0 where an index is out of range: what the updates contributed to. */
function takeInRange(x: Value, indices: Value, batchDims: number): Value {
  const n = x.shape[batchDims];
  const shape = [...indices.shape, ...x.shape.slice(batchDims + 1)];
  if (n === 0) return full(shape, 0, x.dtype);
  const rows = gather(x, indices, batchDims);
  const inRange = and(ge(indices, fullLike(indices, 0)), lt(indices, fullLike(indices, n)));
  const mask = broadcastInDim(
    inRange,
    shape,
    indices.shape.map((_, axis) => axis),
  );
  return select(mask, rows, zerosLike(rows));
}
