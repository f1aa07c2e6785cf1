import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";

export interface Window {
  readonly inputs: Value;
  readonly targets: Value;
  /** 1 at real inputs, i32[B, L]; null where all are. */
  readonly valid: Value | null;
}

/** i32[B, L + 1] as inputs and targets i32[B, L]. Gaps are tokens below 0. */
export function splitWindow(batch: Value, hasGaps: boolean): Window {
  const [rows, columns] = batch.shape;
  const inputs = ops.slice(batch, [0, 0], [rows, columns - 1]);
  const targets = ops.slice(batch, [0, 1], [rows, columns]);
  if (!hasGaps) return { inputs, targets, valid: null };
  const zeros = ops.zerosLike(inputs);
  return {
    inputs: ops.max(inputs, zeros),
    targets,
    valid: ops.convert(ops.ge(inputs, zeros), "i32"),
  };
}
