import { isDifferentiable } from "../../core/dtype.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { add, zeros } from "../../numpy/index.ts";

/** Cotangents of a tree before anything was added: zeros for every differentiable leaf, null for the others. */
export const zerosOf = <T>(values: T): T =>
  tree.map((leaf: Value) => (isDifferentiable(leaf.dtype) ? zeros(leaf.shape) : null), values);

/** Leafwise sum of two cotangent trees; null leaves stay null. */
export const accumulate = <T>(sum: T, more: T): T =>
  tree.map((a: Value, b: Value) => add(a, b), sum, more);

/** The sum of at least one, from the first to the last. */
export const sumOf = <T>(cotangents: readonly T[]): T =>
  cotangents.reduce((sum, more) => accumulate(sum, more));
