import { beforeAll, describe, expect, it } from "vitest";
import type { WasmOptions } from "../../../src/backends/wasm/index.ts";
import type { Primitive } from "../../../src/ir/primitive.ts";
import { generators } from "../generators.ts";
import type { Generator } from "../generators/case.ts";
import { startBackends, type OnBackend } from "./backends.ts";
import { primitives } from "./primitives.ts";
import { casesOf, runLaw, type LawName } from "./run.ts";

/** Its derivative is zero by definition, which finite differences cannot know. */
const withoutDifferences = ["stopGradient"];

function generatorOf({ name }: Primitive): Generator {
  const generator = generators[name];
  if (!generator)
    throw new Error(`${name} has no generator: add one in test/primitives/generators`);
  return generator;
}

/** The law says nothing about the primitive, and has no cases of it. */
function isSilent(law: LawName, primitive: Primitive): boolean {
  switch (law) {
    case "decomposition":
      return primitive.decompose === undefined;
    case "fused vjp":
      return typeof primitive.vjp !== "object";
    case "batch":
      return primitive.name === "iota";
    case "jvp":
    case "second derivative":
    case "adjoint":
      return primitive.jvp === "nonDifferentiable" || withoutDifferences.includes(primitive.name);
    default:
      return false;
  }
}

/** Runs a law on every primitive; fails if it ran on fewer than `atLeast` cases in all. */
export function describeLaw(law: LawName, atLeast: number, options: WasmOptions = {}): void {
  const choices = Object.keys(options).length > 0 ? ` with ${JSON.stringify(options)}` : "";
  describe(`law '${law}'${choices}`, () => {
    let on: OnBackend;
    let count = 0;
    beforeAll(async () => {
      on = await startBackends(options);
    });

    it("has three cases or more of every primitive that it speaks about", () => {
      for (const primitive of primitives) {
        const cases = casesOf(law, primitive, generatorOf(primitive)).length;
        if (isSilent(law, primitive)) expect(cases, primitive.name).toBe(0);
        else expect(cases, primitive.name).toBeGreaterThanOrEqual(3);
      }
    });

    it.each(primitives.map((primitive) => ({ name: primitive.name, primitive })))(
      "$name",
      ({ primitive }) => {
        count += runLaw(on, law, primitive, generatorOf(primitive));
      },
    );

    it("ran on every case", () => {
      const cases = primitives.flatMap((primitive) =>
        casesOf(law, primitive, generatorOf(primitive)),
      );
      expect(count).toBe(cases.length);
      expect(count).toBeGreaterThanOrEqual(atLeast);
    });
  });
}
