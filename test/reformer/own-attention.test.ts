/** Attention and half-blocks of a user's own: what may be left out, and what that means. */
import { expect, test } from "vitest";
import { grad, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import {
  attention,
  invert,
  lsh,
  reversible,
  rows,
  stored,
  unitKeys,
  type LayerParams,
  type StackContext,
  type StackFunction,
} from "../../src/reformer/index.ts";
import { expectSameBits, f32, normalTensor } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

describeBackends("attention of one's own", () => {
  const [groups, length, rounds, numBuckets, chunkLength] = [2, 24, 2, 6, 4];
  const q = normalTensor(1, [groups, length, 5]);
  const v = normalTensor(2, [groups, length, 3]);
  const rotations = normalTensor(3, [groups, 5, rounds, numBuckets / 2]);
  const hashed = (): { k: Value; indices: attention.Indices } => {
    const buckets = lsh.hash(q, rotations, [numBuckets]);
    const indices = { ...lsh.sort(buckets, numBuckets), buckets };
    return { k: unitKeys(q, { keyEpsilon: 1e-6 }), indices };
  };
  const paper = {
    chunkLength,
    before: 1,
    after: 0,
    causal: false,
    sameBucket: true,
    selfMask: -1e5,
    duplicates: true,
    circular: false,
    masked: false,
    scale: 1,
    keepProbability: null,
  };

  test("is the paper's where nothing is chosen", () => {
    const { k, indices } = hashed();
    const short = attention.chunked(q, k, v, indices, { chunkLength });
    const valid = np.ones([groups, length], "i32");
    const all = { ...indices, valid, dropoutKey: np.zeros([groups, 2], "u32") };
    const long = attention.chunked(q, k, v, all, paper);
    short.forEach((value, i) => expectSameBits(value, long[i], `result ${i}`));
    const joint = attention.joint({ q, k: null, v }, indices, { chunkLength });
    const longJoint = attention.joint({ q, k: null, v }, all, { ...paper, unitKeys: 1e-6 });
    expectSameBits(joint, longJoint, "joint");
  });

  test("looks at the mask that it is given", () => {
    const { k, indices } = hashed();
    const valid = np.astype(np.less(np.remainder(np.arange(length), 3), 2), "i32");
    const mask = { valid: np.broadcastTo(valid, [groups, length]) };
    const [masked] = attention.chunked(q, k, v, { ...indices, ...mask }, { chunkLength });
    const changed = np.where(np.expandDims(valid, 1), v, 100);
    const [other] = attention.chunked(q, k, changed, { ...indices, ...mask }, { chunkLength });
    const real = np.expandDims(valid, [0, 1, 3]);
    expectSameBits(np.where(real, masked, 0), np.where(real, other, 0), "real tokens");
    const [unmasked] = attention.chunked(q, k, v, indices, { chunkLength });
    expect(np.arrayEqual(masked, unmasked)).toBe(false);
  });
});

describeBackends("half-blocks that read no context", () => {
  const scaled = rows("scaled", 3, ({ gain }: { readonly gain: Value }, x) =>
    np.tanh(np.multiply(x, gain)),
  );
  const layers = [0, 1].map(() => [
    { name: "f", block: scaled },
    { name: "g", block: scaled },
  ]);
  const params = [0.5, 2].map((x) => ({ f: { gain: f32([], [x]) }, g: { gain: f32([], [-x]) } }));
  const streams = { first: normalTensor(4, [1, 7, 2]), second: normalTensor(5, [1, 7, 2]) };
  const context: StackContext = { shared: null, layers: layers.map(() => ({ f: null, g: null })) };
  const sumOf = (stack: StackFunction, given?: StackContext) => (p: readonly LayerParams[]) => {
    const { first, second } = stack(p, streams, given).streams;
    return np.sum(np.multiply(first, second));
  };

  test.each([
    ["reversible", reversible],
    ["stored", stored],
  ])("%s needs none", (_name, stack) => {
    const [without, empty] = [undefined, context].map((given) =>
      grad(sumOf(stack(layers), given))(params),
    ) as (typeof params)[];
    without.forEach(({ f, g }, i) => {
      expectSameBits(f.gain, empty[i].f.gain, `f ${i}`);
      expectSameBits(g.gain, empty[i].g.gain, `g ${i}`);
    });
  });

  test("invert needs none", () => {
    const top = reversible(layers)(params, streams).streams;
    expectSameBits(
      invert(layers)(params, top).first,
      invert(layers)(params, top, context).first,
      "first",
    );
  });
});
