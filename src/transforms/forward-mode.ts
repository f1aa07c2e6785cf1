import type { Value } from "../core/value.ts";
import { formatAval, sameArrayType } from "../core/aval.ts";
import { ShapeError } from "../core/errors.ts";
import { checkSameStructure, unflatten } from "../core/tree.ts";
import type { Tangent } from "../ir/primitive.ts";
import { flattenFunction, flattenValues, functionName } from "./flat-function.ts";
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
  const name = functionName(f);
  const flat = flattenValues(primals, name);
  const directions = alignTangents(
    flat.leaves.map((leaf) => hasTangent(leaf.aval)),
    primals,
    tangents,
    name,
  );
  const flatFunction = flattenFunction(f, flat.structure, name);
  directions.forEach((direction, i) => {
    const expected = tangentAval(flat.leaves[i].aval);
    if (direction && !sameArrayType(direction.aval, expected)) {
      throw new ShapeError("a tangent does not fit its primal", {
        where: `jvp of ${name}`,
        expected: formatAval(expected),
        got: formatAval(direction.aval),
      });
    }
  });
  const result = jvpOf(flatFunction.call, flat.leaves, directions);
  const structure = flatFunction.resultStructure();
  const outputs = result.tangents.map((tangent, i) => instantiate(tangent, result.primals[i].aval));
  return [unflatten<Result>(structure, result.primals), unflatten<Result>(structure, outputs)];
}

/** One tangent for each primal leaf: integer leaves may be given as null or as anything. */
function alignTangents(
  differentiable: readonly boolean[],
  primals: readonly unknown[],
  tangents: readonly unknown[],
  name: string,
): Tangent[] {
  const flat = flattenValues(tangents, `jvp of ${name}`);
  if (flat.leaves.length === differentiable.filter(Boolean).length) {
    let next = 0;
    return differentiable.map((present) => (present ? flat.leaves[next++] : undefined));
  }
  checkSameStructure(flattenValues(primals, name).structure, flat.structure, `jvp of ${name}`);
  return differentiable.map((present, i) => (present ? flat.leaves[i] : undefined));
}
