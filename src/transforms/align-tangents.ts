import { checkSameStructure, type Flat } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import type { Tangent } from "../ir/primitive.ts";
import { flattenValues } from "./flat-function.ts";
import { hasTangent } from "./tangents.ts";

/** One tangent or cotangent for each leaf of `values`: integer leaves may be given as null or as anything. */
export function alignTangents(values: Flat<Value>, tangents: unknown, where: string): Tangent[] {
  const flat = flattenValues(tangents, where);
  const differentiable = values.leaves.map((leaf) => hasTangent(leaf.aval));
  if (
    flat.structure !== values.structure &&
    flat.leaves.length === differentiable.filter(Boolean).length
  ) {
    let next = 0;
    return differentiable.map((present) => (present ? flat.leaves[next++] : undefined));
  }
  checkSameStructure(values.structure, flat.structure, where);
  return differentiable.map((present, i) => (present ? flat.leaves[i] : undefined));
}
