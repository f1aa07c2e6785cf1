import { stridesOf, type Shape } from "../../core/shape.ts";
import type { View } from "../../ir/lowering.ts";

/** Elements around (`low`, `high`; negative ones trim) and between (`interior`), per axis. */
export interface PadParams {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly interior: readonly number[];
}

export const paddedShape = (shape: Shape, { low, high, interior }: PadParams): Shape =>
  shape.map((n, axis) => low[axis] + n + Math.max(0, n - 1) * interior[axis] + high[axis]);

/** The operand's elements that survive the trimming, and where they lie on either side. */
export interface PadRegion {
  readonly shape: Shape;
  readonly from: View;
  readonly to: View;
}

export function padRegion(shape: Shape, params: PadParams): PadRegion {
  const { low, interior } = params;
  const padded = paddedShape(shape, params);
  const fromStrides = stridesOf(shape);
  const toStrides = stridesOf(padded);
  // Element i of an axis goes to low + i * step; `first` is the first i that is not trimmed.
  const axes = shape.map((n, axis) => {
    const step = interior[axis] + 1;
    const first = Math.max(0, Math.ceil(-low[axis] / step));
    const last = Math.min(n - 1, Math.floor((padded[axis] - 1 - low[axis]) / step));
    return { step, first, count: Math.max(0, last - first + 1), start: low[axis] + first * step };
  });
  if (axes.some(({ count }) => count === 0)) return nothing(shape);
  const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);
  return {
    shape: axes.map(({ count }) => count),
    from: { offset: sum(axes.map(({ first }, i) => first * fromStrides[i])), strides: fromStrides },
    to: {
      offset: sum(axes.map(({ start }, i) => start * toStrides[i])),
      strides: axes.map(({ step }, i) => step * toStrides[i]),
    },
  };
}

function nothing(shape: Shape): PadRegion {
  const nowhere = { offset: 0, strides: shape.map(() => 0) };
  return { shape: shape.map(() => 0), from: nowhere, to: nowhere };
}
