import type { Shape } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import { axialPositions } from "../../nn/index.ts";
import { iota } from "../../lax/index.ts";
import { broadcastTo } from "../../numpy/index.ts";
import { vjp } from "../../transforms/index.ts";
import type { CaseRunner, GoldenCase } from "../case.ts";
import { tensorNamed, tensorOf, weightsOf, type Results } from "../runner-support.ts";
import { axialTables } from "../../interop/lucidrains/axial-tables.ts";
import { numbersOf } from "../../interop/lucidrains/module-options.ts";
import { optionsOf } from "./options.ts";

/** Sizes of the axes, and the width of each: the whole one where their vectors are added. */
function axesOf(golden: GoldenCase): { sizes: readonly number[]; widths: readonly number[] } {
  const options = optionsOf(golden);
  const sizes = numbersOf(options.given.axial_shape);
  const widths = numbersOf(options.given.axial_dims);
  const width = options.number("dim", 0);
  return { sizes, widths: widths.length > 0 ? widths : sizes.map(() => width) };
}

/** Shapes of the tables under their names: every axis at its own place, all others of size 1. */
export function axialShapes(golden: GoldenCase, prefix = ""): ReadonlyMap<string, Shape> {
  const { sizes, widths } = axesOf(golden);
  return new Map(
    sizes.map((size, axis) => [
      `${prefix}weights.${axis}`,
      [1, ...sizes.map((_, other) => (other === axis ? size : 1)), widths[axis]],
    ]),
  );
}

/** lucidrains' axial position embedding alone: the same vectors for every sequence of the batch. */
export const lucidrainsAxial: CaseRunner = {
  kinds: ["lucidrains/AxialPositionalEmbedding"],
  features: new Set(),
  run: (golden) => {
    const cotangent = tensorNamed(golden, "input.grad_output");
    const combination = numbersOf(optionsOf(golden).given.axial_dims).length > 0;
    const embed = (weights: Readonly<Record<string, Value>>): Value => {
      const positions = iota("i32", cotangent.shape[1]);
      const tables = axialTables(weights, "");
      const vectors = axialPositions({ tables }, positions, combination ? "concatenate" : "sum");
      return broadcastTo(vectors, cotangent.shape);
    };
    const [out, pull] = vjp<[Readonly<Record<string, Value>>]>(embed, weightsOf(golden));
    const [gradients] = pull(cotangent);
    const results: Results = new Map([["out", tensorOf(out)]]);
    for (const [name, gradient] of Object.entries(gradients))
      results.set(`grad.${name}`, tensorOf(gradient));
    return Promise.resolve(results);
  },
};
