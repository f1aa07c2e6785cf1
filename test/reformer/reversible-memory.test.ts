import { beforeAll, describe, expect, it } from "vitest";
import { init, jit, vjp } from "../../src/index.ts";
import {
  reversible,
  stored,
  type StackContext,
  type StackFunction,
} from "../../src/reformer/stack/reversible.ts";
import { normalTensor } from "../support/arrays.ts";
import { apply, differentiable, exact, type Differentiable } from "./stack-gradients.ts";
import { bytesOf, defaultOptions, makeStack, type LayerKind, type Stack } from "./stacks.ts";

/**
 * Planned peak of one value and gradient, of what all layers read too, without what comes in (parameters, keys) and
 * goes out.
 */
function activationBytes(
  run: (stack: Stack) => StackFunction,
  kinds: readonly LayerKind[],
): number {
  const stack = makeStack({ ...defaultOptions, kinds, length: 64, batch: 4, rowChunk: 32 });
  const cotangents = stack.inputs.map((x, i) => normalTensor(900 + i, x.shape));
  const at = differentiable(stack);
  const compute = jit((point: Differentiable, around: StackContext) => {
    const [, pullBack] = vjp(
      (inner: Differentiable) => apply(run(stack), exact)(inner, around),
      point,
    );
    return pullBack([cotangents[0], cotangents[1]])[0];
  });
  const { report } = compute.lower(at, stack.context);
  return report.peakBytes - 2 * bytesOf(at) - bytesOf(stack.context.layers);
}

const period: readonly LayerKind[] = ["local", "lsh"];
const deep = (layers: number): readonly LayerKind[] =>
  Array.from({ length: layers }, (_, i) => period[i % 2]);

describe("activation memory of a gradient", () => {
  beforeAll(async () => {
    await init("wasm");
  });

  it("grows with depth when everything is stored, and not when it is rebuilt", () => {
    const depths = [4, 8, 16];
    const ofStored = depths.map((depth) =>
      activationBytes(({ layers }) => stored(layers), deep(depth)),
    );
    const ofReversible = depths.map((depth) =>
      activationBytes(({ layers }) => reversible(layers), deep(depth)),
    );
    console.log(`activation bytes at depths ${depths.join(", ")}:`);
    console.log(`  stored     ${ofStored.join(", ")}`);
    console.log(`  reversible ${ofReversible.join(", ")}`);
    // Each layer more costs at least the two streams that it changes.
    const streams = 2 * 4 * (4 * 64 * defaultOptions.width);
    expect(ofStored[2] - ofStored[1]).toBeGreaterThan(8 * streams);
    expect(ofStored[1] - ofStored[0]).toBeGreaterThan(4 * streams);
    // Gradients may even take the place of parameters that are not needed any more.
    ofReversible.forEach((bytes) => expect(bytes).toBeLessThan(ofReversible[0] + 0.1 * streams));
  });
});
