import { scalarTensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";

interface Counting {
  readonly count: Value;
}

/** No step made yet. */
export const countFrom = (): Counting => ({ count: scalarTensor(0, "i32") });

const last = 2 ** 31 - 1;

/** One step more; the last number stays. `optax.safe_increment`. */
export const nextCount = ({ count }: Counting): Counting => ({
  count: ops.add(ops.min(count, ops.literal(last - 1, "i32")), ops.literal(1, "i32")),
});
