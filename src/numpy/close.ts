import { checkOptions } from "../core/arguments.ts";
import type { Words } from "../core/dtype.ts";
import { broadcastShapes, shapesEqual, sizeOf, stridesOf, type Shape } from "../core/shape.ts";
import { Tensor } from "../core/tensor.ts";
import type { Value } from "../core/value.ts";
import { toValue, type ArrayLike } from "../array/array-like.ts";
import { refuseFixed } from "../array/promote.ts";

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
 * infinities are close. `jax.numpy.allclose`, with a JavaScript boolean as the result. It computes on
 * the host: arrays on a device come through `await toHost(tree)` first.
 *
 * @throws TraceError for traced arrays, ShapeError when the shapes do not broadcast, BackendError for arrays on a device
 * @example
 * import { allclose } from "reformax/numpy";
 * console.log(allclose([1, 2], [1, 2.000001])); // => true
 */
export function allclose(x: ArrayLike, y: ArrayLike, tolerance: Tolerance = {}): boolean {
  const {
    relative = 1e-5,
    absolute = 1e-8,
    equalNaN = false,
  } = checkOptions(
    tolerance,
    { relative: "number", absolute: "number", equalNaN: "flag" },
    "allclose",
  );
  const arrays = [x, y].map((each) => refuseFixed(toValue(each, "allclose"), "allclose"));
  const shape = broadcastShapes(
    arrays.map((array) => array.shape),
    "allclose",
  );
  const [a, b] = arrays.map((array) => stretched(floats(array), array.shape, shape));
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

/** The elements in f32, rounded to nearest where they are integers. */
const floats = (array: Value): Float32Array => Float32Array.from(readAtOnce(array, "allclose"));

/** Elements repeated to `to`, aligned at the last axis. */
function stretched(words: Float32Array, from: Shape, to: Shape): Float32Array {
  if (shapesEqual(from, to)) return words;
  const [own, strides] = [stridesOf(from), stridesOf(to).slice(to.length - from.length)];
  return Float32Array.from({ length: sizeOf(to) }, (_, position) => {
    const index = strides.map((stride, axis) => Math.floor(position / stride) % from[axis]);
    return words[index.reduce((sum, i, axis) => sum + i * own[axis], 0)];
  });
}

const readAtOnce = (array: Value, where: string): Words =>
  array instanceof Tensor ? array.words(where) : array.dataSync();

/** An infinite bound would accept everything. */
const finite = (magnitude: number): number => (magnitude === Infinity ? -1 : magnitude);

/**
 * Whether both arrays have the same shape and equal elements (NaN equals nothing), outside of
 * traces. `jax.numpy.array_equal`, with a JavaScript boolean as the result. Arrays on a device come through
 * `await toHost(tree)` first.
 *
 * @throws TraceError for traced arrays, BackendError for arrays on a device
 * @example
 * import { arrayEqual } from "reformax/numpy";
 * console.log(arrayEqual([1, 2], [1, 2]), arrayEqual([1, 2], [[1, 2]])); // => true false
 */
export function arrayEqual(x: ArrayLike, y: ArrayLike): boolean {
  const [a, b] = [toValue(x, "arrayEqual"), toValue(y, "arrayEqual")];
  const [words, others] = [a, b].map((array) => readAtOnce(array, "arrayEqual"));
  return shapesEqual(a.shape, b.shape) && words.every((value, i) => value === others[i]);
}
