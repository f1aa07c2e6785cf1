import { scalarTensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";

interface Counting {
  readonly count: Value;
}

/** No step made yet. */
export const countFrom = (): Counting => ({ count: scalarTensor(0, "i32") });

/** One step more. */
export const nextCount = ({ count }: Counting): Counting => ({
  count: ops.add(count, ops.literal(1, "i32")),
});
