import { checkPartsOf } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { ShapeError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { broadcastInDim, reduceSum } from "../../lax/index.ts";
import { add, divide, multiply, sqrt } from "../../numpy/index.ts";
import type { Conventions } from "./conventions.ts";

const needsAxis = (where: string): ShapeError =>
  new ShapeError("q is a scalar", { where, expected: "f32[..., width]", got: "f32[]" });

/**
 * q / (|q| with epsilon): q * rsqrt(mean(q^2) + epsilon) / sqrt(width), as trax and HuggingFace write it. `attention.joint` does
 * this by itself; `attention.chunked` wants keys.
 * @example
 * import { array } from "reformax/numpy";
 * import { conventions, unitKeys } from "reformax/reformer";
 * const [a, b] = unitKeys(array([[3, 4]]), conventions.paper).dataSync();
 * console.log(a.toFixed(3), b.toFixed(3)); // => 0.600 0.800
 */
export function unitKeys(q: Value, conventions: Pick<Conventions, "keyEpsilon">): Value {
  const where = "unitKeys";
  checkArray(q, "f32", undefined, "q", where);
  if (q.rank === 0) throw needsAxis(where);
  const { keyEpsilon } = checkPartsOf(conventions, { keyEpsilon: "finite" }, "conventions", where);
  const width = q.shape[q.shape.length - 1];
  const last = q.shape.length - 1;
  const meanSquare = multiply(reduceSum(multiply(q, q), [last]), 1 / width);
  const root = sqrt(add(meanSquare, keyEpsilon));
  const norm = multiply(root, Math.sqrt(width));
  return divide(
    q,
    broadcastInDim(
      norm,
      q.shape,
      q.shape.slice(0, last).map((_, axis) => axis),
    ),
  );
}
