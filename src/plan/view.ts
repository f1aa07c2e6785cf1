import { shapesEqual, sizeOf, stridesOf, type Shape } from "../core/shape.ts";
import type { View } from "../ir/lowering.ts";

/** A view of words in storage together with the shape that it gives them. */
export interface ShapedView extends View {
  readonly shape: Shape;
}

/** The whole of a row-major array. */
export const wholeView = (shape: Shape): ShapedView => ({
  shape,
  offset: 0,
  strides: stridesOf(shape),
});

/** True when the elements lie one after the other in row-major order (from `offset` on). */
export function isContiguous(view: ShapedView): boolean {
  if (sizeOf(view.shape) === 0) return true;
  let expected = 1;
  for (let axis = view.shape.length - 1; axis >= 0; axis--) {
    const n = view.shape[axis];
    if (n !== 1 && view.strides[axis] !== expected) return false;
    expected *= n;
  }
  return true;
}

/** The same elements seen with fewer axes: size-1 axes dropped, neighbours with one common stride joined. */
export function mergeAxes(view: ShapedView): ShapedView {
  const shape: number[] = [];
  const strides: number[] = [];
  view.shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = shape.length - 1;
    const stride = view.strides[axis];
    if (last >= 0 && strides[last] === stride * n) {
      shape[last] *= n;
      strides[last] = stride;
    } else {
      shape.push(n);
      strides.push(stride);
    }
  });
  return { shape, offset: view.offset, strides };
}

/** Size and stride of axes that together walk storage with one stride; undefined when they do not. */
export function singleAxis(
  shape: Shape,
  strides: readonly number[],
): { readonly size: number; readonly stride: number } | undefined {
  const merged = mergeAxes({ shape, offset: 0, strides });
  if (sizeOf(shape) === 0) return { size: 0, stride: 0 };
  if (merged.shape.length > 1) return undefined;
  return merged.shape.length === 0
    ? { size: 1, stride: 0 }
    : { size: merged.shape[0], stride: merged.strides[0] };
}

/**
 * The view that `outer` (of a row-major array of the inner view's elements) makes of the inner
 * view's storage; undefined when no strides express it. Works wherever each outer stride moves
 * along one (merged) inner axis and never carries into the next.
 */
export function composeViews(inner: ShapedView, outer: ShapedView): ShapedView | undefined {
  const { shape } = outer;
  if (sizeOf(shape) === 0) return { shape, offset: 0, strides: shape.map(() => 0) };
  if (isContiguous(inner)) {
    return { shape, offset: inner.offset + outer.offset, strides: outer.strides };
  }
  const merged = mergeAxes(inner);
  const rowMajor = stridesOf(merged.shape);
  const first = multiIndex(outer.offset, rowMajor);
  const low = [...first];
  const high = [...first];
  const strides: number[] = [];
  for (let axis = 0; axis < shape.length; axis++) {
    const stride = shape[axis] === 1 ? 0 : outer.strides[axis];
    if (stride === 0) {
      strides.push(0);
      continue;
    }
    const reach = shape[axis] - 1;
    const k = merged.shape.findIndex(
      (n, i) => stride % rowMajor[i] === 0 && Math.abs(stride / rowMajor[i]) * reach < n,
    );
    if (k < 0) return undefined;
    const step = stride / rowMajor[k];
    if (step > 0) high[k] += step * reach;
    else low[k] += step * reach;
    strides.push(step * merged.strides[k]);
  }
  if (low.some((i) => i < 0) || high.some((i, k) => i >= merged.shape[k])) return undefined;
  const offset = first.reduce((sum, i, k) => sum + i * merged.strides[k], merged.offset);
  return { shape, offset, strides };
}

/** Index along every axis of the element at a row-major position. */
function multiIndex(position: number, rowMajor: readonly number[]): number[] {
  let rest = position;
  return rowMajor.map((stride) => {
    const index = Math.floor(rest / stride);
    rest -= index * stride;
    return index;
  });
}

/** The same elements in the order of `permutation`'s axes. */
export const permuteView = (view: ShapedView, permutation: readonly number[]): ShapedView => ({
  shape: permutation.map((axis) => view.shape[axis]),
  offset: view.offset,
  strides: permutation.map((axis) => view.strides[axis]),
});

export const viewsEqual = (a: ShapedView, b: ShapedView): boolean =>
  a.offset === b.offset && shapesEqual(a.shape, b.shape) && shapesEqual(a.strides, b.strides);

/** Text that tells views apart, for tables keyed by view. */
export const viewKey = (view: ShapedView): string =>
  `${view.offset}[${view.shape.join()}](${view.strides.join()})`;
