import type { Value } from "../../core/value.ts";
import { bindRecord, reshape } from "../../ir/ops.ts";
import type { BatchAxis, BatchResult, Params } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";

/** Groups are independent: a mapped axis is more groups. */
export function batchIntoGroups(
  name: string,
  values: readonly Value[],
  axes: readonly BatchAxis[],
  params: Params,
  size: number,
): BatchResult {
  const mapped = values.map((value, i) => mappedAt(value, axes[i], 0, size));
  const groups = mapped[0].shape[1];
  const operands = mapped.map((value) => reshape(value, [size * groups, ...value.shape.slice(2)]));
  const results = bindRecord(name, operands, params);
  return {
    values: results.map((result) => reshape(result, [size, groups, ...result.shape.slice(1)])),
    axes: results.map((): BatchAxis => 0),
  };
}
