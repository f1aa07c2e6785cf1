import { isDifferentiable } from "../../core/dtype.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";

/** Zeros for every differentiable leaf, null for the others. */
export const zerosOf = (values: unknown): unknown =>
  tree.map(
    (leaf: Value) => (isDifferentiable(leaf.dtype) ? ops.full(leaf.shape, 0, "f32") : null),
    values,
  );

/** Leafwise sum of cotangent trees; null leaves stay null. */
export const accumulate = (sum: unknown, more: unknown): unknown =>
  tree.map((a: Value, b: Value) => ops.add(a, b), sum, more);
