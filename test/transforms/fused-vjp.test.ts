/** Kernels with a fused derivative inside of every transformation: where the call stands changes no bit of its gradient. */
import { expect, it } from "vitest";
import {
  checkpoint,
  cond,
  customVjp,
  grad,
  jit,
  jvp,
  linearize,
  scan,
  vmap,
  type Value,
} from "../../src/index.ts";
import { bind } from "../../src/ir/interpreter.ts";
import { definePrimitive, type Params } from "../../src/ir/primitive.ts";
import { primitiveNamed } from "../../src/ir/registry.ts";
import * as nn from "../../src/nn/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, normal } from "../../src/random/index.ts";
import { attention, lsh } from "../../src/reformer/index.ts";
import { expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";

type Loss = (x: Value) => Value;

const shape = [2, 8, 4];
const weights = (): Value => normal(key(1), shape);
const weighted = (y: Value): Value => np.sum(np.multiply(y, normal(key(2), y.shape)));

/** Of x[2, 8, 4], by the kernel that they stand for. */
const losses: readonly (readonly [string, Loss])[] = [
  [
    "layerNorm",
    (x) => weighted(nn.layerNorm({ gamma: normal(key(3), [4]), beta: normal(key(4), [4]) }, x)),
  ],
  ["softmaxCrossEntropy", (x) => weighted(nn.softmaxCrossEntropy(x, np.full([2, 8], 3, "i32")))],
  [
    "jointAttention",
    (x) => weighted(attention.joint({ q: x, k: null, v: x }, info(), { chunkLength: 4 })),
  ],
  [
    "chunkedAttention",
    (x) => {
      const [out, lse] = attention.chunked(x, np.sin(x), x, info(), { chunkLength: 4 });
      return np.add(weighted(out), weighted(lse));
    },
  ],
];

function info(): Parameters<typeof attention.joint>[1] {
  const rotations = lsh.rotations(key(5), { groups: 2, width: 4, rounds: 2, sizes: [2] });
  const buckets = lsh.hash(weights(), rotations, [2]);
  return { ...lsh.sort(buckets, 2), buckets };
}

const around: readonly (readonly [string, (f: Loss) => Loss])[] = [
  ["jit", (f) => jit(f)],
  ["checkpoint", (f) => checkpoint(f)],
  ["cond", (f) => (x) => cond(np.greater(np.sum(np.square(x)), 0), f, (y: Value) => np.sum(y), x)],
  [
    "scan",
    (f) => (x) =>
      scan((sum, each: Value) => [np.add(sum, f(each)), null], np.array(0), np.expandDims(x, 0))[0],
  ],
  [
    "customVjp",
    (f) =>
      customVjp(f, {
        forward: (x) => [f(x), x],
        backward: (x, dy) => [np.multiply(dy, grad(f)(x))],
      }),
  ],
  ["vmap", (f) => (x) => np.sum(vmap(f)(np.expandDims(x, 0)))],
];

describeBackends("a fused derivative", () => {
  it.each(losses)("%s has the same bits wherever it stands", (_, f) => {
    const x = weights();
    const expected = grad(f)(x);
    for (const [name, wrap] of around) {
      expectSameBits(grad(wrap(f))(x), expected, name);
      expectSameBits(jit(grad(wrap(f)))(x), expected, `jit of ${name}`);
    }
  });

  it.each(losses)("%s is pushed forwards by linearize as by jvp", (_, f) => {
    const x = weights();
    const direction = normal(key(6), shape);
    const [y, push] = linearize(f, x);
    const [primal, tangent] = jvp(f, [x], [direction]);
    expectSameBits(push(direction), tangent, "tangent");
    expect(y.item()).toBeCloseTo(primal.item(), 4);
  });
});

describeBackends("a fused derivative that forgets operands", () => {
  it("says how many it should know", () => {
    const original = primitiveNamed("softmaxCrossEntropy");
    if (typeof original.vjp !== "object") throw new Error("it is not fused");
    const { forward, backward } = original.vjp;
    const wrong = definePrimitive<Params>({
      ...original,
      name: "forgetful",
      vjp: { forward, backward: (...args) => backward(...args).slice(0, 1) },
    });
    const labels = np.full([2, 8], 3, "i32");
    expect(() => grad((x: Value) => np.sum(bind(wrong, [x, labels], {})[0]))(weights())).toThrow(
      "forgetful: a fused vjp returned the wrong number of cotangents: expected 2, got 1",
    );
  });
});
