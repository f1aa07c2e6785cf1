import { beforeAll, describe, expect, it } from "vitest";
import { allPrimitives } from "../../src/ir/registry.ts";
import "../../src/transforms/index.ts";
import { generators } from "./generators.ts";
import { startBackends, type OnBackend } from "./laws/backends.ts";
import { casesOf, lawNames, runLaw } from "./laws/run.ts";

/** Control primitives run through their programs and have tests of their own. */
const primitives = allPrimitives().filter((primitive) => primitive.reference !== "byProgram");

/** Its derivative is zero by definition, which finite differences cannot know. */
const withoutDifferences = ["stopGradient"];

let on: OnBackend;
beforeAll(async () => {
  on = await startBackends();
});

describe("the generators", () => {
  it("cover every primitive", () => {
    expect(Object.keys(generators).sort()).toEqual(primitives.map(({ name }) => name).sort());
  });

  it.each(lawNames)(
    "give every primitive that the law '%s' speaks about three cases or more",
    (law) => {
      for (const primitive of primitives) {
        const generator = generators[primitive.name];
        const isSilent =
          (law === "decomposition" && !primitive.decompose) ||
          (law === "batch" && primitive.name === "iota") ||
          (["jvp", "second derivative", "adjoint"].includes(law) &&
            (primitive.jvp === "nonDifferentiable" || withoutDifferences.includes(primitive.name)));
        const count = generator ? casesOf(law, primitive, generator).length : 0;
        if (isSilent) expect(count, primitive.name).toBe(0);
        else expect(count, primitive.name).toBeGreaterThanOrEqual(3);
      }
    },
  );
});

describe.each(lawNames)("law '%s'", (law) => {
  let count = 0;
  it.each(primitives.map((primitive) => ({ name: primitive.name, primitive })))(
    "$name",
    ({ name, primitive }) => {
      const generator = generators[name];
      if (generator) count += runLaw(on, law, primitive, generator);
    },
  );

  it("ran on all cases", () => {
    const all = primitives.flatMap((primitive) => {
      const generator = generators[primitive.name];
      return generator ? casesOf(law, primitive, generator) : [];
    });
    expect(count).toBe(all.length);
    expect(count).toBeGreaterThan(law === "decomposition" ? 20 : 250);
  });
});
