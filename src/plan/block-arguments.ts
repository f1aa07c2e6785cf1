import { ShapeError } from "../core/errors.ts";
import { formatShape, sizeOf, type Shape } from "../core/shape.ts";
import { inputBuffer, type BufferReference } from "./kernel-calls.ts";

/** Start buffers of the block kernels, which is also the most axes that they take. */
export const blockAxes = 8;

/**
 * What the block kernels take behind their two arrays. Neighbouring axes that the block covers whole count
 * as one: any start is clamped to 0 there. `firstStart` is the operand number of the start on axis 0.
 */
export function blockArguments(
  primitive: string,
  shape: Shape,
  sizes: Shape,
  firstStart: number,
): { starts: readonly BufferReference[]; immediates: readonly number[] } {
  const covered = (axis: number): boolean => sizes[axis] === shape[axis];
  const heads = shape
    .map((_, axis) => axis)
    .filter((axis) => axis === 0 || !covered(axis) || !covered(axis - 1));
  if (heads.length > blockAxes) {
    throw new ShapeError("too many axes", {
      where: primitive,
      expected: `at most ${blockAxes} that the block covers in part`,
      got: `sizes ${formatShape(sizes)} of shape ${formatShape(shape)}`,
      fix: "Reshape so that neighbouring axes become one.",
    });
  }
  const merged = (list: Shape): number[] =>
    heads.map((axis, i) => sizeOf(list.slice(axis, heads[i + 1])));
  return {
    starts: Array.from({ length: blockAxes }, (_, i) =>
      inputBuffer(i < heads.length ? firstStart + heads[i] : 0),
    ),
    immediates: [heads.length, ...merged(shape), ...merged(sizes)],
  };
}
