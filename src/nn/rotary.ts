import { ShapeError } from "../core/errors.ts";
import { formatShape } from "../core/shape.ts";
import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { toValueOf, type ArrayLike } from "../array/array-like.ts";
import { concatenate, sliceAxis, stack } from "../numpy/join.ts";

/**
 * Rotary position embedding: neighbouring features of x f32[..., L, width] are the plane (x, y) that turns by the angle of the
 * position, so that the product of two vectors depends on the distance of their positions. `waves` f32[P, width] are the sines and cosines
 * of the angles, as `sinusoids` with the layout `halves` makes them; positions from P on do not turn. Su et al. 2021, section 3.2.
 *
 * @throws ShapeError when the widths differ, or P is more than L
 * @example
 * import { rotary, sinusoids } from "reformax/nn";
 * const waves = sinusoids([0, 1], 2, { layout: "halves" });
 * const [, , x, y] = rotary([[5, 5], [1, 0]], waves).dataSync();
 * console.log(x.toFixed(3), y.toFixed(3)); // => 0.540 0.841
 */
export function rotary(x: ArrayLike, waves: ArrayLike): Value {
  const vectors = toValueOf(x, "f32", "rotary");
  const angles = toValueOf(waves, "f32", "rotary");
  const { shape } = vectors;
  const [length, width] = shape.slice(-2);
  const [turned, angleWidth] = angles.shape;
  const fits = shape.length >= 2 && angles.shape.length === 2;
  if (!fits || angleWidth !== width || width % 2 !== 0 || turned > length) {
    throw new ShapeError("waves and vectors do not fit", {
      where: "rotary",
      expected: "vectors f32[..., L, width] of even width and waves f32[P, width], P at most L",
      got: `${formatShape(shape)} and ${formatShape(angles.shape)}`,
    });
  }
  const last = shape.length - 1;
  const head = sliceAxis(vectors, last - 1, 0, turned);
  const rotated = rotate(head, angles);
  if (turned === length) return rotated;
  return concatenate([rotated, sliceAxis(vectors, last - 1, turned, length)], last - 1);
}

function rotate(x: Value, waves: Value): Value {
  const leading = x.shape.slice(0, -2);
  const [length, width] = waves.shape;
  const half = width / 2;
  const pairs = ops.reshape(x, [...leading, length, half, 2]);
  const plane = [...leading, length, half];
  const side = (which: 0 | 1): Value =>
    ops.reshape(sliceAxis(pairs, plane.length, which, which + 1), plane);
  const spread = (start: number): Value =>
    ops.broadcastInDim(sliceAxis(waves, 1, start, start + half), plane, [
      plane.length - 2,
      plane.length - 1,
    ]);
  const [sin, cos] = [spread(0), spread(half)];
  const [a, b] = [side(0), side(1)];
  const turned = [
    ops.sub(ops.mul(a, cos), ops.mul(b, sin)),
    ops.add(ops.mul(b, cos), ops.mul(a, sin)),
  ];
  return ops.reshape(stack(turned, -1), x.shape);
}
