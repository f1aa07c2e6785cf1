import type { Value } from "../../core/value.ts";
import { bindNamed, reshape } from "../../ir/ops.ts";
import type { BatchAxis, BatchResult } from "../../ir/primitive.ts";
import { mappedAt } from "../batch-axes.ts";
import type { ChunkedAttentionParams } from "./params.ts";

/** Groups are independent: a mapped axis is more groups. */
export function batchIntoGroups(
  name: string,
  values: readonly Value[],
  axes: readonly BatchAxis[],
  params: ChunkedAttentionParams,
  size: number,
): BatchResult {
  const operands = values.map((value, i) => {
    const mapped = mappedAt(value, axes[i], 0, size);
    const [, groups, ...rest] = mapped.shape;
    return reshape(mapped, [size * groups, ...rest]);
  });
  const results = bindNamed(name, operands, params);
  return {
    values: results.map((result) => {
      const [groups, ...rest] = result.shape;
      return reshape(result, [size, groups / Math.max(1, size), ...rest]);
    }),
    axes: results.map((): BatchAxis => 0),
  };
}
