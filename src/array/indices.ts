import { isValue, type Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { jit } from "../transforms/index.ts";
import { numberOf, toValue, toValueOf, type ArrayLike } from "./array-like.ts";
import { requireInteger } from "./promote.ts";

const largestIndex = 2 ** 31 - 1;

/**
 * `x` as i32, for indices and labels: arrays must hold integers already, numbers must be whole. An u32 beyond the
 * range of i32 becomes the largest i32, which is beyond every axis as well.
 */
export function toIndices(x: ArrayLike, where: string): Value {
  if (!isValue(x) && !ArrayBuffer.isView(x)) return toValueOf(x, "i32", where);
  const given = requireInteger(isValue(x) ? x : toValue(x, where), where);
  if (given.dtype !== "u32") return given;
  return ops.convert(ops.min(given, ops.fullLike(given, largestIndex)), "i32");
}

/** {@link toIndices} into an axis of that size: negative ones count from its end. */
export function toPositions(x: ArrayLike, size: number, where: string): Value {
  if (typeof x === "number") return numberOf(x < 0 ? x + size : x, "i32", where);
  return countFromEnd(toIndices(x, where), size);
}

const countFromEnd = jit(
  (positions: Value, size: number) =>
    ops.select(
      ops.lt(positions, ops.zerosLike(positions)),
      ops.add(positions, ops.fullLike(positions, size)),
      positions,
    ),
  { staticArgnums: [1], name: "countFromEnd" },
);
