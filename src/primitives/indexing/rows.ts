/** Rows x[batch..., n, inner...] named by indices[batch..., m...]: what gather and scatterAdd share. */
import { checkWhole } from "../../core/whole.ts";
import type { Aval } from "../../core/aval.ts";
import type { Value } from "../../core/value.ts";
import { fullLike, max, min } from "../../ir/ops.ts";
import type { TransposeOperand } from "../../ir/primitive.ts";
import { expectIndices, expectRankFrom, expectShape } from "../operand-checks.ts";

/** Checks x[batch..., n, inner...] against indices[batch..., m...]. */
export function checkRows(primitive: string, x: Aval, indices: Aval, batchDims: number): void {
  expectIndices(primitive, "indices", indices);
  checkWhole(batchDims, "the number of batch axes", primitive, 0);
  expectRankFrom(primitive, "x", x, batchDims + 1);
  expectRankFrom(primitive, "indices", indices, batchDims);
  const batch = x.shape.slice(0, batchDims);
  expectShape(primitive, "indices", indices, [...batch, ...indices.shape.slice(batchDims)]);
}

/** Indices limited to [0, n). */
export const clampIndices = (indices: Value, n: number): Value =>
  min(max(indices, fullLike(indices, 0)), fullLike(indices, n - 1));

/** The value of an operand that cannot be linear. */
export function knownValue(operand: TransposeOperand): Value {
  if (operand.linear) throw new TypeError("an integer operand cannot be linear");
  return operand.value;
}
