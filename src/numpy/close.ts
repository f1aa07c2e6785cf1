import { shapesEqual } from "../core/shape.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { promoteAndBroadcast, toFloat } from "../array/promote.ts";

export interface Tolerance {
  /** Allowed distance relative to the second array. Default 1e-5. */
  readonly relative?: number;
  /** Allowed distance besides. Default 1e-8. */
  readonly absolute?: number;
  /** Whether two NaN count as close. Default false. */
  readonly equalNaN?: boolean;
}

/**
 * Whether |x - y| <= absolute + relative * |y| everywhere, for arrays outside of traces. Equal
 * infinities are close. `jax.numpy.allclose`, with a JavaScript boolean as the result.
 *
 * @throws TraceError for traced arrays, ShapeError when the shapes do not broadcast
 * @example
 * import { allclose } from "reformax/numpy";
 * console.log(allclose([1, 2], [1, 2.000001])); // => true
 */
export function allclose(x: ArrayLike, y: ArrayLike, tolerance: Tolerance = {}): boolean {
  const { relative = 1e-5, absolute = 1e-8, equalNaN = false } = tolerance;
  const floats = [toFloat(x, "allclose"), toFloat(y, "allclose")];
  const [a, b] = promoteAndBroadcast(floats, "allclose").map((value) => value.dataSync());
  return a.every((value, i) => {
    const other = b[i];
    if (Number.isNaN(value) || Number.isNaN(other)) {
      return equalNaN && Number.isNaN(value) && Number.isNaN(other);
    }
    return (
      value === other || Math.abs(value - other) <= absolute + relative * finite(Math.abs(other))
    );
  });
}

/** An infinite bound would accept everything. */
const finite = (magnitude: number): number => (magnitude === Infinity ? -1 : magnitude);

/**
 * Whether both arrays have the same shape and equal elements (NaN equals nothing), outside of
 * traces. `jax.numpy.array_equal`, with a JavaScript boolean as the result.
 *
 * @throws TraceError for traced arrays
 * @example
 * import { arrayEqual } from "reformax/numpy";
 * console.log(arrayEqual([1, 2], [1, 2]), arrayEqual([1, 2], [[1, 2]])); // => true false
 */
export function arrayEqual(x: ArrayLike, y: ArrayLike): boolean {
  const [a, b] = [toValue(x, "arrayEqual"), toValue(y, "arrayEqual")];
  const other = b.dataSync();
  return shapesEqual(a.shape, b.shape) && a.dataSync().every((value, i) => value === other[i]);
}
