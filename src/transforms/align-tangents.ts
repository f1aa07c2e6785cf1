import { TreeError } from "../core/errors.ts";
import type { Flat, TreeDef } from "../core/tree.ts";
import type { Value } from "../core/value.ts";
import type { Tangent } from "../ir/primitive.ts";
import { flattenValues } from "./flat-function.ts";
import { hasTangent } from "./tangents.ts";

/**
 * One tangent or cotangent for each leaf of `values`, given as a tree like theirs. Integer leaves, and subtrees of
 * nothing else, may be given as null or as anything.
 *
 * @throws TreeError when the trees differ otherwise
 */
export function alignTangents(values: Flat<Value>, tangents: unknown, where: string): Tangent[] {
  const flat = flattenValues(tangents, where);
  const differentiable = values.leaves.map((leaf) => hasTangent(leaf.aval));
  const aligned: Tangent[] = [];
  let taken = 0;
  const align = (expected: TreeDef, got: TreeDef): void => {
    const leaves = differentiable.slice(aligned.length, aligned.length + expected.leafCount);
    if (got.kind === "none" && !leaves.includes(true)) {
      aligned.push(...leaves.map(() => undefined));
    } else if (expected.kind === "leaf" && got.kind === "leaf") {
      const tangent = flat.leaves[taken++];
      aligned.push(leaves[0] ? tangent : undefined);
    } else if (sameNode(expected, got)) {
      expected.children.forEach((child, i) => align(child, got.children[i]));
    } else {
      throw mismatch(values.structure, flat.structure, where);
    }
  };
  align(values.structure, flat.structure);
  return aligned;
}

const sameNode = (a: TreeDef, b: TreeDef): boolean =>
  a.kind === b.kind &&
  a.kind !== "leaf" &&
  a.children.length === b.children.length &&
  a.keys.join() === b.keys.join();

const mismatch = (expected: TreeDef, got: TreeDef, where: string): TreeError =>
  new TreeError("tangents have another structure than what they belong to", {
    where,
    expected: expected.text,
    got: got.text,
    fix: "Integer and bool arrays have null in place of a tangent.",
  });
