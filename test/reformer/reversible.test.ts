import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jit, tree, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { invert, reversible, stored } from "../../src/reformer/stack/reversible.ts";
import { expectCloseToLargest, expectSameBits, firstDifference } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { differences, exact, gradientsOf, streamsOf } from "./stack-gradients.ts";
import { defaultOptions, makeStack, q32, type LayerKind, type StackOptions } from "./stacks.ts";

const kinds = fc.constantFrom<LayerKind>("local", "lsh", "full", "memory");

const anyStacks: fc.Arbitrary<StackOptions> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  kinds: fc.array(kinds, { minLength: 1, maxLength: 4 }),
  batch: fc.integer({ min: 1, max: 2 }),
  length: fc.integer({ min: 1, max: 13 }),
  width: fc.constantFrom(3, 4, 6),
  heads: fc.integer({ min: 1, max: 3 }),
  headWidth: fc.constantFrom(2, 3, 4),
  chunkLength: fc.integer({ min: 2, max: 5 }),
  rounds: fc.integer({ min: 1, max: 3 }),
  sizes: fc.constantFrom([2], [4], [2, 4]),
  causal: fc.boolean(),
  after: fc.constantFrom(undefined, undefined, 0),
  rowChunk: fc.integer({ min: 1, max: 9 }),
  dropout: fc.constantFrom(0, 0.3),
  attentionDropout: fc.constantFrom(0, 0.3),
  preset: fc.constantFrom("paper", "huggingface", "lucidrains"),
  padded: fc.boolean(),
});

/** Half of them of a length that local attention goes through in segments. */
const stacks = fc
  .tuple(anyStacks, fc.boolean(), fc.integer({ min: 1, max: 2 }), fc.integer({ min: 2, max: 3 }))
  .map(([options, segmented, chunks, segments]): StackOptions => {
    const rowChunk = chunks * options.chunkLength;
    return segmented ? { ...options, rowChunk, length: segments * rowChunk } : options;
  });

describeBackends("an exact stack", (backend) => {
  it("is inverted to the quantised input, bit for bit", () => {
    fc.assert(
      fc.property(
        stacks,
        fc.constantFrom(12, 20, 26),
        fc.constantFrom(1, 1000),
        (options, bits, size) => {
          const { layers, params, context, inputs } = makeStack(options);
          const big = inputs.map((x) => np.mul(x, size)) as [Value, Value];
          // At 26 bits (range 32) and inputs of size 1000 everything overflows, and still returns.
          const start = streamsOf(big, q32(bits));
          const { streams } = jit(reversible(layers))(params, start, context);
          expect(
            firstDifference(streams.second, start.second),
            "the stack does something",
          ).not.toBe(-1);
          const back = jit(invert(layers))(params, streams, context);
          expectSameBits(back.first, start.first, "first stream");
          expectSameBits(back.second, start.second, "second stream");
        },
      ),
      { numRuns: backend === "reference" ? 8 : 15 },
    );
  });

  it("has the gradient of the stored network, bit for bit", () => {
    fc.assert(
      fc.property(stacks, (options) => {
        const stack = makeStack(options);
        const ours = gradientsOf(reversible(stack.layers), stack, exact);
        const theirs = gradientsOf(stored(stack.layers), stack, exact);
        expect(differences(ours, theirs)).toEqual([]);
      }),
      { numRuns: backend === "reference" ? 6 : 12 },
    );
  });

  it("has it over six layers of mixed kinds, LSH and dropout on", () => {
    const stack = makeStack({
      ...defaultOptions,
      kinds: ["local", "lsh", "local", "lsh", "local", "full"],
    });
    const ours = gradientsOf(reversible(stack.layers), stack, exact);
    const theirs = gradientsOf(stored(stack.layers), stack, exact);
    expect(differences(ours, theirs)).toEqual([]);
    for (const gradient of tree.leaves<Value>(ours.gradient.params)) {
      expect(gradient.dataSync().some((word) => word !== 0)).toBe(true);
    }
  });

  it("has it in segments of local attention, padding and dropout on", () => {
    const kinds: readonly LayerKind[] = ["local", "lsh", "local", "memory"];
    const stack = makeStack({ ...defaultOptions, kinds, length: 24, rowChunk: 8, padded: true });
    const ours = gradientsOf(reversible(stack.layers), stack, exact);
    const theirs = gradientsOf(stored(stack.layers), stack, exact);
    expect(differences(ours, theirs)).toEqual([]);
  });

  it.each([true, false])("does in segments what it does at once, causal: %s", (causal) => {
    const plain = { ...defaultOptions, dropout: 0, attentionDropout: 0, length: 24 };
    const common = { ...plain, causal, after: 0 };
    const kinds: readonly LayerKind[] = ["local", "local"];
    const [ours, theirs] = [8, 48].map((rowChunk) => {
      const stack = makeStack({ ...common, kinds, rowChunk, padded: true });
      return gradientsOf(reversible(stack.layers), stack, exact);
    });
    expect(differences(ours.values, theirs.values)).toEqual([]);
    tree.leaves<Value>(ours.gradient).forEach((leaf, i) => {
      const expected = tree.leaves<Value>(theirs.gradient)[i];
      expectCloseToLargest(leaf.dataSync(), expected.dataSync(), 1e-5, `leaf ${i}`);
    });
  });

  it("has it for what all layers read", () => {
    const stack = makeStack({ ...defaultOptions, kinds: ["memory", "lsh", "memory", "memory"] });
    const ours = gradientsOf(reversible(stack.layers), stack, exact);
    const theirs = gradientsOf(stored(stack.layers), stack, exact);
    expect(differences(ours, theirs)).toEqual([]);
    expect(ours.gradient.memory?.gain.dataSync().every((word) => word !== 0)).toBe(true);
  });
});
