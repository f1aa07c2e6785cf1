import { describe, expect, it } from "vitest";
import { init, tree, type Value } from "../../src/index.ts";
import { reversible, stored } from "../../src/reformer/stack/reversible.ts";
import { gradientsOf } from "./stack-gradients.ts";
import { defaultOptions, makeStack, type LayerKind } from "./stacks.ts";

/** |a - b| / |b| over all elements of a leaf. */
function relativeL2(a: Value, b: Value): number {
  const [left, right] = [a.dataSync(), b.dataSync()];
  let error = 0;
  let size = 0;
  right.forEach((expected, i) => {
    error += (left[i] - expected) ** 2;
    size += expected ** 2;
  });
  return size === 0 ? Math.sqrt(error) : Math.sqrt(error / size);
}

const period: readonly LayerKind[] = ["local", "lsh", "memory", "lsh", "full"];

describe("a float stack", () => {
  it("has the gradient of the stored network within 1e-4 for each leaf, up to 12 layers", async () => {
    await init("wasm");
    const drifts = [1, 2, 4, 8, 12].map((depth) => {
      const kinds = Array.from({ length: depth }, (_, i) => period[i % period.length]);
      const stack = makeStack({ ...defaultOptions, kinds });
      const ours = gradientsOf(reversible(stack.layers), stack, "f32");
      const theirs = gradientsOf(stored(stack.layers), stack, "f32");
      const expected = tree.leaves<Value>(theirs.gradient);
      const errors = tree
        .leaves<Value>(ours.gradient)
        .map((leaf, i) => relativeL2(leaf, expected[i]));
      return { depth, worst: Math.max(...errors) };
    });
    for (const { depth, worst } of drifts) {
      console.log(
        `float streams, ${depth} layers: largest relative L2 error of a gradient ${worst.toExponential(2)}`,
      );
      expect(worst).toBeLessThan(1e-4);
    }
    // Rebuilt in floats, not stored: were there no drift at all, something else would be compared.
    expect(drifts[4].worst).toBeGreaterThan(0);
  });
});
