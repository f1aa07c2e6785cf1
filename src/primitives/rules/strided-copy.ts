import { BackendError } from "../../core/errors.ts";
import { formatShape, type Shape } from "../../core/shape.ts";
import type { BufferReference, KernelStep, View } from "../../ir/lowering.ts";

const maxRank = 8;

interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

/** A `copyStrided` step: `shape` elements from one view to another; axes that lie as one are merged. */
export function stridedCopy(
  where: string,
  shape: Shape,
  from: { readonly buffer: BufferReference; readonly view: View },
  to: { readonly buffer: BufferReference; readonly view: View },
): KernelStep {
  const axes = mergeAxes(
    shape.map((size, i) => ({ size, from: from.view.strides[i], to: to.view.strides[i] })),
  );
  if (axes.length > maxRank) {
    throw new BackendError("too many axes", {
      where,
      expected: `at most ${maxRank} axes that cannot be merged`,
      got: formatShape(shape),
      fix: "Reshape to fewer axes first.",
    });
  }
  return {
    kernel: "copyStrided",
    buffers: [from.buffer, to.buffer],
    immediates: [
      axes.length,
      ...axes.map((axis) => axis.size),
      from.view.offset,
      ...axes.map((axis) => axis.from),
      to.view.offset,
      ...axes.map((axis) => axis.to),
    ],
  };
}

/** Neighbours whose strides continue one another become one axis; axes of size 1 disappear. */
function mergeAxes(axes: readonly Axis[]): readonly Axis[] {
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = merged[merged.length - 1];
    const continues =
      outer !== undefined &&
      outer.from === axis.from * axis.size &&
      outer.to === axis.to * axis.size;
    if (continues) merged[merged.length - 1] = { ...axis, size: outer.size * axis.size };
    else merged.push(axis);
  }
  return merged;
}
