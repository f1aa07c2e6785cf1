import { formatAval, sameArrayType, type Aval } from "../core/aval.ts";
import { ShapeError, TreeError } from "../core/errors.ts";
import { flatten, type TreeDef } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import { flattenValues } from "./flat-function.ts";
import { hasTangent, instantiate, tangentAval } from "./tangents.ts";

export function checkForward(
  results: readonly Value[],
  expected: readonly Aval[],
  where: string,
): void {
  const same =
    results.length === expected.length &&
    results.every((value, i) => sameArrayType(value.aval, expected[i]));
  if (same) return;
  throw new ShapeError("forward does not return what the function returns", {
    where,
    expected: expected.map(formatAval).join(", "),
    got: results.map((value) => formatAval(value.aval)).join(", "),
  });
}

/** Flat cotangents of the differentiable inputs; null stands for zero. */
export function checkBackward(
  results: readonly unknown[],
  structure: TreeDef,
  avals: readonly Aval[],
  caller: string,
): readonly Value[] {
  const where = `the backward rule of ${caller}`;
  if (!Array.isArray(results) || results.length !== structure.children.length) {
    throw new TreeError("backward must return one cotangent per argument", {
      where,
      expected: `${structure.children.length}`,
      got: String(Array.isArray(results) ? results.length : results),
    });
  }
  const cotangents: unknown[] = results.flatMap((result: unknown, index) =>
    cotangentLeaves(result, structure.children[index], where),
  );
  return cotangents.flatMap((cotangent, i) => {
    const aval = avals[i];
    if (!hasTangent(aval)) return [];
    if (cotangent === null) return [instantiate(undefined, aval)];
    const [value] = flattenValues([cotangent], where).leaves;
    if (!sameArrayType(value.aval, tangentAval(aval))) {
      throw new ShapeError(`cotangent ${i} has the wrong type`, {
        where,
        expected: formatAval(tangentAval(aval)),
        got: formatAval(value.aval),
      });
    }
    return [value];
  });
}

/** Leaves of one argument's cotangent; null may stand for any subtree. */
function cotangentLeaves(result: unknown, structure: TreeDef, where: string): unknown[] {
  if (result === null || result === undefined)
    return Array.from({ length: structure.leafCount }, () => null);
  const flat = flatten(result);
  if (flat.structure === structure) return [...flat.leaves];
  const children = childrenOf(result, structure, where);
  return structure.children.flatMap((child, i) => cotangentLeaves(children[i], child, where));
}

function childrenOf(result: unknown, structure: TreeDef, where: string): readonly unknown[] {
  if (
    structure.kind === "array" &&
    Array.isArray(result) &&
    result.length === structure.children.length
  ) {
    return result;
  }
  if (structure.kind === "object" && typeof result === "object" && result !== null) {
    return structure.keys.map((key) => (result as Readonly<Record<string, unknown>>)[key]);
  }
  throw new TreeError("a cotangent has another structure than its argument", {
    where,
    expected: structure.text,
    got: flatten(result).structure.text,
  });
}
