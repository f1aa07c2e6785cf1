import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jit, type Tensor } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import {
  reversible,
  stored,
  type Health,
  type HalfTrees,
} from "../../src/reformer/stack/reversible.ts";
import type { StreamDType } from "../../src/reformer/stack/stream.ts";
import { describeBackends } from "../support/backends.ts";
import { streamsOf } from "./stack-gradients.ts";
import { defaultOptions, makeStack, q32, type LayerKind, type StackOptions } from "./stacks.ts";

type Half = "f" | "g";
type Fault = "overflow" | "nan" | "infinity";

const small: StackOptions = {
  ...defaultOptions,
  kinds: ["local", "lsh", "full", "local"],
  length: 9,
  batch: 1,
};

/** The parameters of the last operation of a half-block times a factor: its output grows as much. */
function poisoned(params: HalfTrees, half: Half, factor: number): HalfTrees {
  if (half === "g") {
    const g = params.g as { readonly outer: { readonly kernel: Tensor } };
    const outer = { ...g.outer, kernel: np.mul(g.outer.kernel, factor) };
    return { ...params, g: { ...g, outer } };
  }
  const f = params.f as { readonly parts: { readonly output: Tensor } };
  return { ...params, f: { ...f, parts: { ...f.parts, output: np.mul(f.parts.output, factor) } } };
}

const factors: Readonly<Record<Fault, number>> = {
  overflow: 1e6,
  nan: Number.NaN,
  infinity: Infinity,
};

describeBackends("the health value", () => {
  const healthOf = (
    dtype: StreamDType,
    change: (params: readonly HalfTrees[]) => readonly HalfTrees[],
  ): Health => {
    const { layers, params, context, inputs } = makeStack(small);
    return jit(reversible(layers))(change(params), streamsOf(inputs, dtype), context).health;
  };

  it("is the largest magnitude, and -1, when all is well", () => {
    for (const dtype of [q32(20), "f32"] as const) {
      const { magnitude, badLayer } = healthOf(dtype, (params) => params);
      expect(badLayer.item()).toBe(-1);
      expect(magnitude.item()).toBeGreaterThan(1);
      expect(magnitude.item()).toBeLessThan(50);
    }
  });

  it("names the first layer that overflows or makes a NaN, in either half", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 }),
        fc.constantFrom<Half>("f", "g"),
        fc.constantFrom<Fault>("overflow", "nan", "infinity"),
        fc.boolean(),
        (layer, half, fault, later) => {
          const { magnitude, badLayer } = healthOf(q32(20), (params) =>
            params.map((own, i) =>
              i === layer || (later && i > layer) ? poisoned(own, half, factors[fault]) : own,
            ),
          );
          expect(badLayer.item()).toBe(layer);
          const size = magnitude.item();
          if (fault === "nan") expect(size).toBeNaN();
          else if (fault === "overflow") expect(size).toBeGreaterThanOrEqual(2048);
          else expect(Number.isFinite(size)).toBe(false);
        },
      ),
      { numRuns: 16 },
    );
  });

  it("notices overflow that wraps back into range", () => {
    // Just below the limit of 2048: contributions push elements over, and the integers turn negative.
    const { layers, params, context, inputs } = makeStack(small);
    const nearly = inputs.map((x) => np.add(2047, np.mul(0.1, x))) as [Tensor, Tensor];
    const start = streamsOf(nearly, q32(20));
    const { streams, health } = jit(reversible(layers))(params, start, context);
    expect(start.first.dataSync().some((word) => word < 0)).toBe(false);
    expect(streams.first.dataSync().some((word) => word < 0)).toBe(true);
    expect(health.badLayer.item()).toBe(0);
    expect(health.magnitude.item()).toBeGreaterThanOrEqual(2048);
  });

  it("of float streams tells NaN and infinity", () => {
    for (const fault of ["nan", "infinity"] as const) {
      const { badLayer } = healthOf("f32", (params) =>
        params.map((own, i) => (i === 2 ? poisoned(own, "g", factors[fault]) : own)),
      );
      expect(badLayer.item()).toBe(2);
    }
  });

  it("is the same with everything stored", () => {
    const kinds: readonly LayerKind[] = ["local", "lsh"];
    const { layers, params, context, inputs } = makeStack({ ...small, kinds });
    const [ours, theirs] = [reversible(layers), stored(layers)].map(
      (run) => jit(run)(params, streamsOf(inputs, q32(20)), context).health,
    );
    expect(ours.magnitude.item()).toBe(theirs.magnitude.item());
    expect(ours.badLayer.item()).toBe(theirs.badLayer.item());
  });
});
