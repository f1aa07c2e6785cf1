import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { TreeError } from "../../src/core/errors.ts";
import * as tree from "../../src/core/tree.ts";
import { init, jit } from "../../src/index.ts";
import { add, array } from "../../src/numpy/index.ts";
import type { Value } from "../../src/core/value.ts";

const nested = (levels: number): unknown => {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = i % 2 === 0 ? [value] : { next: value };
  return value;
};

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What nobody holds is gone after some turns of the event loop. */
async function collect(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    collectGarbage();
  }
}

describe("deep trees", () => {
  test("500 levels are a tree", () => {
    const deep = nested(500);
    const { leaves, structure } = tree.flatten(deep);
    expect(leaves).toEqual([1]);
    expect(JSON.stringify(tree.unflatten(structure, leaves))).toBe(JSON.stringify(deep));
    expect(tree.paths(deep)[0].split(".")).toHaveLength(500);
    expect(structure.text).toHaveLength(JSON.stringify(deep).length);
    expect(tree.map((x: number) => x + 1, nested(500))).toEqual(
      JSON.parse(JSON.stringify(deep).replace("1", "2")),
    );
  });

  test.each([501, 2000, 100_000])(
    "%i levels are one clear error, in whatever meets them",
    (levels) => {
      const deep = nested(levels);
      for (const use of [tree.flatten, tree.leaves, tree.structureOf, tree.paths]) {
        expect(() => use(deep)).toThrow(TreeError);
        expect(() => use(deep)).toThrow(/the tree is too deep.*at most 500 levels/);
      }
      expect(() => jit((x: unknown) => x as Value)(deep as Value)).toThrow(TreeError);
    },
  );

  test("a tree that lies within itself is the same error", () => {
    const knot: Record<string, unknown> = {};
    knot.left = knot;
    knot.right = knot;
    expect(() => tree.flatten(knot)).toThrow(/or lies within itself/);
  });
});

describe("structures are not kept for ever", () => {
  test("those that nobody holds are collected, and an equal one made later has another id", async () => {
    const make = (): { readonly gone: WeakRef<object>; readonly id: number } => {
      const structure = tree.structureOf({ collected: [1, { soon: 2 }] });
      return { gone: new WeakRef(structure), id: structure.id };
    };
    const { gone, id } = make();
    await collect();
    expect(gone.deref()).toBeUndefined();
    expect(make().id).toBeGreaterThan(id);
  });

  test("one that is held is the same as long as it is", async () => {
    const held = tree.structureOf({ held: [1, { long: 2 }] });
    await collect();
    expect(tree.structureOf({ held: [3, { long: 4 }] })).toBe(held);
  });

  test("a compiled function is not traced again after its arguments' structure was dropped", async () => {
    await init("reference");
    let traced = 0;
    const f = jit((x: { readonly onlyHere: Value }) => {
      traced++;
      return add(x.onlyHere, 1);
    });
    f({ onlyHere: array([1, 2]) });
    await collect();
    f({ onlyHere: array([1, 2]) });
    expect([traced, f.cacheSize()]).toEqual([1, 1]);
  });
});
