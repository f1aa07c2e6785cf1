import type { Value } from "../../core/value.ts";
import type { HalfBlock, PartParams } from "./half-block.ts";
import { normalize, type NormKind, type NormParams } from "./norm.ts";

/** Where a half-block's norm stands among its parameters. */
interface Normed {
  readonly norm: NormParams;
}

/** The norm of a half-block, by its parameters. */
export const normOf = (block: HalfBlock, params: unknown): NormParams =>
  block.kind === "parts"
    ? (params as PartParams<unknown, Normed>).shared.norm
    : (params as Normed).norm;

/** The half-block, made without a norm of its input, with one of what it adds. */
export function normAfter(block: HalfBlock, kind: NormKind, epsilon: number): HalfBlock {
  const norm = (params: NormParams, x: Value): Value => normalize(kind, params, x, epsilon);
  if (block.kind === "parts") {
    return { ...block, finish: (shared, sum) => norm((shared as Normed).norm, sum) };
  }
  return {
    ...block,
    apply: (params, x, context, index) =>
      norm((params as Normed).norm, block.apply(params, x, context, index)),
  };
}
