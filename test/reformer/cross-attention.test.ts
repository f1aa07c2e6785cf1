/** Layers of three half-blocks, one of which attends to a text of another length. */
import { expect, test } from "vitest";
import { init, jit, tree, valueAndGrad, type Tensor, type Value } from "../../src/index.ts";
import { fromFixed, toFixed } from "../../src/lax/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key, normal, split } from "../../src/random/index.ts";
import { invert, reversible, stored } from "../../src/reformer/index.ts";
import { checkGrads } from "../../src/testing/index.ts";
import { expectSameBits } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { initLayer, layer, sizes, type Shared } from "./decoder.ts";

await init("reference");

const { batch, length, sourceLength, width } = sizes;
const layers = [layer, layer, layer];
const params = split(key(0), layers.length).map(initLayer);
const shared: Shared = {
  source: normal(key(1), [batch, sourceLength, width]),
  manner: normal(key(2), [width]),
};
const [x1, x2] = split(key(3)).map((k) => normal(k, [batch, length, width]));
const contextOf = (around: Shared) => ({
  shared: around,
  layers: layers.map(() => ({ self: null, cross: null, perceptron: null })),
});

describeBackends("a layer of three half-blocks with cross-attention", () => {
  const bottom = { first: toFixed(x1), second: toFixed(x2) };
  const lossOf = (stack: ReturnType<typeof stored>, fixed: boolean) => {
    const start = fixed ? bottom : { first: x1, second: x2 };
    return (p: typeof params, around: Shared): Value => {
      const { first, second } = stack(p, start, contextOf(around)).streams;
      const [a, b] = fixed ? [fromFixed(first), fromFixed(second)] : [first, second];
      return np.sum(np.multiply(np.sin(a), np.cos(b)));
    };
  };

  test("is undone bit for bit", () => {
    const { streams, health } = jit(reversible(layers))(params, bottom, contextOf(shared));
    const back = jit(invert(layers))(params, streams, contextOf(shared));
    expectSameBits(back.first, bottom.first, "first");
    expectSameBits(back.second, bottom.second, "second");
    expect(health.badLayer.item()).toBe(-1);
  });

  test("has the gradient of the stored network, bit for bit, also in what all layers read", () => {
    const [ours, theirs] = [reversible, stored].map((make) =>
      jit(valueAndGrad(lossOf(make(layers), true), { argnums: [0, 1] }))(params, shared),
    );
    tree.leaves<Tensor>(ours).forEach((leaf, i) => {
      expectSameBits(leaf, tree.leaves<Tensor>(theirs)[i], tree.paths(ours)[i]);
      expect(leaf.dataSync().some((word) => word !== 0)).toBe(true);
    });
  });

  test("has the derivative in what all layers read that differences have", () => {
    const loss = jit(lossOf(reversible(layers), false));
    for (const what of ["source", "manner"] as const) {
      const of = (x: Value): Value => loss(params, { ...shared, [what]: x });
      checkGrads(of, [shared[what]], { modes: ["reverse"], step: 1e-3, tolerance: 2e-3 });
    }
  });
});
