/** Row-major layouts that operations and the kernels of targets see an array in. */
import type { Aval } from "../core/aval.ts";
import { sizeOf, type Shape } from "../core/shape.ts";

/** Elements [outer, axis sizes product, inner] around an axis: the layout most kernels work on. */
export function splitAtAxis(
  shape: Shape,
  axis: number,
): { readonly outer: number; readonly length: number; readonly inner: number } {
  return {
    outer: sizeOf(shape.slice(0, axis)),
    length: shape[axis],
    inner: sizeOf(shape.slice(axis + 1)),
  };
}

/** The last axis as rows: [rows, width]. */
export function rowsOf({ shape }: Aval): { readonly rows: number; readonly width: number } {
  const width = shape[shape.length - 1];
  return { rows: sizeOf(shape.slice(0, -1)), width };
}

/** Rows x[batch, n, inner] that indices[batch, m] name: what gather and scatterAdd work on. */
export const indexedRows = (
  x: Aval,
  indices: Aval,
  batchDims: number,
): {
  readonly batch: number;
  readonly n: number;
  readonly inner: number;
  readonly m: number;
} => ({
  batch: sizeOf(x.shape.slice(0, batchDims)),
  n: x.shape[batchDims],
  inner: sizeOf(x.shape.slice(batchDims + 1)),
  m: sizeOf(indices.shape.slice(batchDims)),
});
