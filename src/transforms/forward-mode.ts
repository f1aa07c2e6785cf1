import { checkList } from "../core/arguments.ts";
import type { Value } from "../core/value.ts";
import { formatAval, sameArrayType } from "../core/aval.ts";
import { ShapeError } from "../core/errors.ts";
import { unflatten } from "../core/tree.ts";
import { alignTangents } from "./align-tangents.ts";
import { flattenFunction, flattenValues, calleeOf } from "./flat-function.ts";
import { jvpOf } from "./jvp.ts";
import { hasTangent, instantiate, tangentAval } from "./tangents.ts";

/**
 * Value of `f` and its derivative in the direction of the tangents; tangents are trees like the
 * arguments, null for integer arrays. As `jax.jvp`.
 *
 * @example
 * import { jvp } from "reformax";
 * import { array, square } from "reformax/numpy";
 * const [, tangent] = jvp((x) => square(x), [array([1, 3])], [array([1, 0])]);
 * console.log(tangent.toArray()); // => [ 2, 0 ]
 */
export function jvp<Args extends readonly unknown[] = readonly Value[], Result = Value>(
  f: (...args: Args) => Result,
  primals: Args,
  tangents: Args,
): [Result, Result] {
  const { where } = calleeOf(f, "jvp");
  checkList(primals, "the list of arguments", where);
  checkList(tangents, "the list of tangents", where);
  const flat = flattenValues(primals, where);
  const directions = alignTangents(flat, tangents, where);
  const flatFunction = flattenFunction(f, flat.structure, where);
  directions.forEach((direction, i) => {
    const expected = tangentAval(flat.leaves[i].aval);
    if (direction && !sameArrayType(direction.aval, expected)) {
      throw new ShapeError("a tangent does not fit its primal", {
        where,
        expected: formatAval(expected),
        got: formatAval(direction.aval),
      });
    }
  });
  const result = jvpOf(flatFunction.call, flat.leaves, directions);
  const structure = flatFunction.resultStructure();
  const outputs = result.tangents.map((tangent, i) => {
    const { aval } = result.primals[i];
    return hasTangent(aval) ? instantiate(tangent, aval) : null;
  });
  return [unflatten<Result>(structure, result.primals), unflatten<Result>(structure, outputs)];
}
