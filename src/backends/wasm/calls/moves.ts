import { ShapeError } from "../../../core/errors.ts";
import { formatShape, sizeOf, type Shape } from "../../../core/shape.ts";
import { inputBuffer, outputBuffer, type KernelStep, type Moves } from "../../../plan/index.ts";

/** Most axes that `copyStrided` takes. */
const maxRank = 8;

/** How the kernels `fill`, `copyWords` and `copyStrided` are called. */
export const moves: Moves = {
  fill: (count, bits) => ({ steps: [fillStep(0, count, bits)] }),
  copy: (count) => ({ steps: [copyStep(count)] }),
  copyStrided: ({ shape, from, to }, where) => {
    const axes = mergeAxes(
      shape.map((size, i) => ({ size, from: from.strides[i], to: to.strides[i] })),
    );
    if (axes.length > maxRank) throw tooManyAxes(shape, where);
    return {
      steps: [
        {
          kernel: "copyStrided",
          buffers: [inputBuffer(0), outputBuffer(0)],
          immediates: [
            axes.length,
            ...axes.map((axis) => axis.size),
            from.offset,
            ...axes.map((axis) => axis.from),
            to.offset,
            ...axes.map((axis) => axis.to),
          ],
          work: sizeOf(shape),
        },
      ],
    };
  },
};

/** `count` words of result number `output` filled with the same bits. */
export const fillStep = (output: number, count: number, bits: number): KernelStep => ({
  kernel: "fill",
  buffers: [outputBuffer(output)],
  immediates: [count, bits],
  work: count,
  flops: 0,
});

/** `count` words from an operand to the result of its number. */
export const copyStep = (count: number, index = 0): KernelStep => ({
  kernel: "copyWords",
  buffers: [inputBuffer(index), outputBuffer(index)],
  immediates: [count],
  work: count,
  isMove: true,
});

interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
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

const tooManyAxes = (shape: Shape, where: string): ShapeError =>
  new ShapeError("too many axes for one rearrangement", {
    where,
    expected: `at most ${maxRank} axes that do not merge`,
    got: formatShape(shape),
    fix: "Reshape to fewer axes first, or transpose in several steps.",
  });
