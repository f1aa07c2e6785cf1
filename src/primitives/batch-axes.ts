/** Moving mapped axes around, for batch rules. */
import type { Value } from "../core/value.ts";
import { broadcastInDim, transpose } from "../ir/ops.ts";
import type { BatchAxis } from "../ir/primitive.ts";

/** `x` with axis `from` at position `to`, the others in their order. */
export function moveAxis(x: Value, from: number, to: number): Value {
  if (from === to) return x;
  const permutation = x.shape.map((_, axis) => axis).filter((axis) => axis !== from);
  permutation.splice(to, 0, from);
  return transpose(x, permutation);
}

/** `x` repeated along a new axis of `size` at `position`. */
export function insertAxis(x: Value, position: number, size: number): Value {
  const shape = [...x.shape.slice(0, position), size, ...x.shape.slice(position)];
  return broadcastInDim(
    x,
    shape,
    x.shape.map((_, axis) => (axis < position ? axis : axis + 1)),
  );
}

/** `x` with its mapped axis at `position`; an unmapped one is repeated there. */
export const mappedAt = (x: Value, axis: BatchAxis, position: number, size: number): Value =>
  axis === undefined ? insertAxis(x, position, size) : moveAxis(x, axis, position);

/** Position in the mapped operand of axis `axis` of the unmapped one. */
export const axisBeside = (axis: number, mapped: number): number =>
  axis < mapped ? axis : axis + 1;

/** Position of the mapped axis after axis `removed` of the unmapped value disappears. */
export const mappedAfterRemoval = (mapped: number, removed: number): number =>
  removed < mapped ? mapped - 1 : mapped;
