import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as tree from "../../src/core/tree.ts";

/** Trees with keys that need quoting, and every kind of node but registered ones. */
const anyTree = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constant(null),
    fc.integer({ min: 0, max: 9 }),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("a", "b", "a,b", '"', "", ":", "0", "é"), tie("tree"), {
      maxKeys: 3,
    }),
  ),
})).tree;

/** The structure written down plainly: what two trees must have in common to have one treedef. */
function shapeOf(value: unknown): unknown {
  if (value === null) return "none";
  if (typeof value !== "object") return "leaf";
  if (Array.isArray(value)) return value.map(shapeOf);
  const entries = Object.entries(value as Record<string, unknown>);
  return { object: entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, shapeOf(v)]) };
}

describe("trees", () => {
  it("come back from their leaves and structure", () => {
    fc.assert(
      fc.property(anyTree, (value) => {
        const { leaves, structure } = tree.flatten(value);
        expect(leaves).toHaveLength(structure.leafCount);
        expect(tree.unflatten(structure, leaves)).toEqual(value);
        expect(tree.paths(value)).toHaveLength(leaves.length);
      }),
    );
  });

  it("have one treedef exactly when their structures are equal, and so one id and one text", () => {
    fc.assert(
      fc.property(anyTree, anyTree, (a, b) => {
        const equal = JSON.stringify(shapeOf(a)) === JSON.stringify(shapeOf(b));
        const [first, second] = [tree.structureOf(a), tree.structureOf(b)];
        expect(first === second).toBe(equal);
        expect(first.id === second.id).toBe(equal);
        expect(first.text === second.text).toBe(equal);
      }),
      { numRuns: 500 },
    );
  });

  it("with awkward keys are told apart", () => {
    const structures = [{ a: 0, b: 0 }, { "a,b": 0 }, { a: [0, 0] }, [0, 0], [[0, 0]], { "": 0 }];
    expect(new Set(structures.map((value) => tree.structureOf(value).id)).size).toBe(6);
  });
});
