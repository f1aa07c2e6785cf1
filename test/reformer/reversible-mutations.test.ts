/** The bit-for-bit comparison notices when the backward pass does not repeat the forward pass exactly. */
import { beforeAll, describe, expect, it } from "vitest";
import { init, jit, type Value } from "../../src/index.ts";
import * as ops from "../../src/ir/ops.ts";
import { parts, type PartStages } from "../../src/reformer/blocks/half-block.ts";
import { reversible, stored } from "../../src/reformer/stack/reversible.ts";
import { f32 } from "../support/arrays.ts";
import { differences, exact, gradientsOf, streamsOf } from "./stack-gradients.ts";
import { defaultOptions, makeStack, type Stack } from "./stacks.ts";

/** What the backward pass computes in place of a part's stages. */
type Mutation = (original: PartStages) => Partial<PartStages>;

/** The lsh layer in the middle of {@link defaultOptions}. */
const mutatedLayer = 3;

/**
 * Leaves in which the reversible gradient differs from the stored one when the half-block of one layer behaves
 * differently in the backward pass. Forward functions are traced and kept before the mutation starts.
 */
function leavesThatDiffer(mutation: Mutation): readonly string[] {
  const stack = makeStack(defaultOptions);
  const expected = gradientsOf(stored(stack.layers), stack, exact);
  let isBackward = false;
  const [{ block: original }, g] = stack.layers[mutatedLayer];
  if (original.kind !== "parts") throw new Error("attention is a sum of parts");
  const mutated = { ...original, ...mutation(original) };
  const now = (): PartStages => (isBackward ? mutated : original);
  const f = parts("mutated", original.count, {
    chunk: original.chunk,
    enter: (...args) => now().enter(...args),
    mix: (...args) => now().mix(...args),
    leave: (...args) => now().leave(...args),
  });
  const layers = stack.layers.map((layer, i) =>
    i === mutatedLayer ? [{ name: "f", block: f }, g] : layer,
  );
  const forward = jit(reversible(layers));
  const { inputs, params, context, memory }: Stack = stack;
  const shared = { ...(context.shared as object), memory };
  forward(params, streamsOf(inputs, exact), { ...context, shared });
  isBackward = true;
  return differences(gradientsOf(reversible(layers), stack, exact), expected);
}

/** 1 at the first element, 0 elsewhere. */
const firstElement = (x: Value): Value => {
  const count = x.shape.reduce((product, size) => product * size, 1);
  return f32(
    x.shape,
    Array.from({ length: count }, (_, i) => Number(i === 0)),
  );
};

const unit = 2 ** -20;

/** The swapped words of the key are another key. */
const swapped = (key: unknown): Value => ops.reverse(key as Value, [0]);

/** Buckets b of the first round become b + 1 modulo 8; the bucket of padding, 8, stays. */
function permuteFirstRound(buckets: Value): Value {
  const isFirst = ops.eq(ops.iota("i32", buckets.shape, 1), ops.zerosLike(buckets));
  const isReal = ops.lt(buckets, ops.fullLike(buckets, 8));
  const next = ops.rem(ops.add(buckets, ops.fullLike(buckets, 1)), ops.fullLike(buckets, 8));
  return ops.select(ops.and(isFirst, isReal), next, buckets);
}

describe("the comparison of gradients", () => {
  beforeAll(async () => {
    await init("wasm");
  });

  it("finds nothing when the backward pass repeats the forward pass", () => {
    expect(leavesThatDiffer(() => ({}))).toEqual([]);
  });

  it("finds one element that is off by one unit", () => {
    const found = leavesThatDiffer(({ leave }) => ({
      leave: (...args) => {
        const out = leave(...args);
        return ops.add(out, ops.scale(firstElement(out), unit));
      },
    }));
    expect(found.some((path) => path.startsWith("gradient.params.0."))).toBe(true);
  });

  it("finds one layer's swapped key", () => {
    const found = leavesThatDiffer(({ mix }) => ({
      mix: (params, x, context, saved) => {
        const own = context.own as { readonly dropoutKey: Value };
        const other = { ...own, dropoutKey: swapped(own.dropoutKey) };
        return mix(params, x, { ...context, own: other }, saved);
      },
    }));
    expect(found.some((path) => path.startsWith(`gradient.params.${mutatedLayer}.f.`))).toBe(true);
    expect(found.some((path) => path.startsWith("gradient.params.0."))).toBe(true);
  });

  it("finds one round's permuted buckets", () => {
    const found = leavesThatDiffer(({ mix }) => ({
      mix: (params, x, context, saved) => {
        const { saved: buckets } = mix(params, x, context, saved);
        return mix(params, x, context, permuteFirstRound(buckets as Value));
      },
    }));
    expect(found.some((path) => path.startsWith(`gradient.params.${mutatedLayer}.f.`))).toBe(true);
    expect(found.some((path) => path.startsWith("gradient.params.0."))).toBe(true);
  });
});
