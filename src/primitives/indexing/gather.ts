import { avalOf, formatAval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { sizeOf } from "../../core/shape.ts";
import { full, gather as gatherOp, scatterAdd } from "../../ir/ops.ts";
import { indexedRows } from "../../ir/layouts.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { mappedAt, moveAxis } from "../batch-axes.ts";
import { checkRows, clampIndices, knownValue } from "./rows.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly gather: GatherParams;
  }
}

export interface GatherParams {
  /** Number of leading axes that x and indices share. */
  readonly batchDims: number;
}

const where = "gather";

/**
 * Rows of x[batch..., n, inner...] at indices[batch..., m...]: [batch..., m..., inner...]. Indices are
 * clamped to [0, n), as in `jnp.take(mode="clip")`. The cotangent of x is a {@link scatterAdd}.
 */
export const gather = definePrimitive<GatherParams>({
  name: "gather",
  abstractEval: ([x, indices], { batchDims }) => {
    checkRows(where, x, indices, batchDims);
    if (x.shape[batchDims] === 0 && sizeOf(indices.shape) > 0) {
      throw new ShapeError("there is no row to take", {
        where,
        expected: `a size above 0 on axis ${batchDims}`,
        got: formatAval(x),
      });
    }
    return [avalOf(x.dtype, [...indices.shape, ...x.shape.slice(batchDims + 1)], x.weak)];
  },
  jvp: ([x, indices], [tangent], { batchDims }) => ({
    primals: [gatherOp(x, indices, batchDims)],
    tangents: [tangent && gatherOp(tangent, indices, batchDims)],
  }),
  transpose: ([cotangent], [x, indices], { batchDims }) => {
    if (!cotangent) return [undefined, undefined];
    const rows = clampIndices(knownValue(indices), x.aval.shape[batchDims]);
    return [scatterAdd(full(x.aval.shape, 0, "f32"), rows, cotangent, batchDims), undefined];
  },
  batch: ([x, indices], [xAxis, indexAxis], { batchDims }, size) => {
    if (xAxis === undefined) {
      // One more index axis, behind the batch axes that both have.
      const mapped = mappedAt(indices, indexAxis, batchDims, size);
      return { values: [gatherOp(x, mapped, batchDims)], axes: [batchDims] };
    }
    if (indexAxis === undefined) {
      // The mapped axis rides along as an inner one.
      const position = Math.max(xAxis, batchDims + 1);
      const mapped = moveAxis(x, xAxis, position);
      return {
        values: [gatherOp(mapped, indices, batchDims)],
        axes: [position - (batchDims + 1) + indices.shape.length],
      };
    }
    const values = [
      gatherOp(moveAxis(x, xAxis, 0), moveAxis(indices, indexAxis, 0), batchDims + 1),
    ];
    return { values, axes: [0] };
  },
  lower: { kind: "kernel" },
  reference: ([x, indices], [out], { batchDims }) => {
    const { batch, n, inner, m } = indexedRows(x.aval, indices.aval, batchDims);
    for (let b = 0; b < batch; b++) {
      for (let j = 0; j < m; j++) {
        const row = Math.min(Math.max(indices.words[b * m + j], 0), n - 1);
        for (let i = 0; i < inner; i++) {
          out.words[(b * m + j) * inner + i] = x.words[(b * n + row) * inner + i];
        }
      }
    }
  },
});
