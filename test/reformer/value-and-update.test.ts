import * as fc from "fast-check";
import { expect, it } from "vitest";
import { jit, tree, valueAndGrad, type Tensor, type Value } from "../../src/index.ts";
import {
  adam,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipByValue,
  sgd,
  type GradientTransformation,
} from "../../src/optim/index.ts";
import * as np from "../../src/numpy/index.ts";
import { key } from "../../src/random/index.ts";
import {
  initParams,
  initUpdateState,
  loss,
  lossAndUpdate,
  type ReformerParams,
  type UpdateState,
} from "../../src/reformer/index.ts";
import type { ReformerConfig } from "../../src/reformer/models/config.ts";
import { expectSameBits, i32 } from "../support/arrays.ts";
import { describeBackends } from "../support/backends.ts";
import { integers } from "../support/random-data.ts";

const base: ReformerConfig = {
  conventions: "paper",
  vocabulary: 11,
  width: 8,
  heads: 2,
  headWidth: 4,
  feedForwardWidth: 12,
  activation: "gelu",
  layers: ["local", "lsh", "local", "lsh"],
  local: { chunk: 4, before: 1, after: 0 },
  lsh: { chunk: 4, before: 1, after: 0, rounds: 2, evaluationRounds: 3, buckets: [4] },
  positions: { kind: "axial", shape: [5, 6], widths: [3, 5] },
  tiedEmbedding: false,
  dropout: 0.1,
  attentionDropout: 0.1,
  normEpsilon: null,
  reversible: "exact",
  fractionBits: 20,
  feedForwardChunk: 5,
  lossChunk: 7,
};

const tokensOf = (seed: number): Tensor => i32([1, 14], integers(seed, 14, base.vocabulary));

/** The gradient of everything first, then the same update array by array. */
const plainStep = (config: ReformerConfig, optimizer: GradientTransformation) =>
  jit(({ params, optimizer: states }: UpdateState, inputs: Value, targets: Value, k: Value) => {
    const [value, gradient] = valueAndGrad(
      (p: ReformerParams): Value => loss(config, p, inputs, targets, k, { mode: "training" }).loss,
    )(params);
    const { layers: dLayers, ...dEnds } = gradient;
    const { layers, ...ends } = params;
    const stepped = layers.map((layer, i) => {
      const [updates, next] = optimizer.update(dLayers[i], states.layers[i], layer);
      return { layer: applyUpdates(layer, updates), next };
    });
    const [updates, next] = optimizer.update(dEnds, states.ends, ends);
    const state: UpdateState = {
      params: { ...applyUpdates(ends, updates), layers: stepped.map(({ layer }) => layer) },
      optimizer: { layers: stepped.map((s) => s.next), ends: next },
    };
    return { loss: value, state };
  });

const sweepingStep = (config: ReformerConfig, optimizer: GradientTransformation) => {
  const step = lossAndUpdate(config, optimizer);
  return jit((state: UpdateState, inputs: Value, targets: Value, k: Value) =>
    step(state, inputs, targets, k),
  );
};

function expectSameState(got: UpdateState, expected: UpdateState): void {
  const paths = tree.paths(expected);
  const others = tree.leaves<Tensor>(expected);
  tree.leaves<Tensor>(got).forEach((leaf, i) => {
    expectSameBits(leaf, others[i], paths[i]);
  });
}

describeBackends("updates inside the reverse sweep", (backend) => {
  const numRuns = backend === "reference" ? 2 : 6;
  const optimizers: readonly [string, GradientTransformation][] = [
    ["adam", adam(0.01)],
    ["momentum after clipping by value", chain(clipByValue(0.1), sgd(0.1, { momentum: 0.9 }))],
  ];

  it.each(optimizers)("are those of the whole gradient, bit for bit: %s", (_, optimizer) => {
    const plain = plainStep(base, optimizer);
    const sweeping = sweepingStep(base, optimizer);
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        let a = initUpdateState(optimizer, initParams(base, key(seed)));
        let b = a;
        for (let step = 0; step < 2; step++) {
          const [inputs, targets] = [tokensOf(seed + step), tokensOf(seed + step + 1)];
          const expected = plain(a, inputs, targets, key(step));
          const got = sweeping(b, inputs, targets, key(step));
          expect(got.updated.item()).toBe(1);
          expectSameBits(got.loss, expected.loss, "loss");
          expect(tree.paths(got.state)).toEqual(tree.paths(expected.state));
          expectSameState(got.state, expected.state);
          expect(got.bottom.rebuilt.toArray()).toEqual(got.bottom.forward.toArray());
          [a, b] = [expected.state, got.state];
        }
      }),
      { numRuns },
    );
  });

  it("do not take place where the loss or a stream is not finite", () => {
    const optimizer = adam(0.01);
    const sweeping = sweepingStep(base, optimizer);
    const good = initUpdateState(optimizer, initParams(base, key(3)));
    const withBias = (value: number): UpdateState => {
      const bias = np.full([base.vocabulary], value);
      return { ...good, params: { ...good.params, head: { ...good.params.head, bias } } };
    };
    const withKernel = (value: number): UpdateState => {
      const { embedding } = good.params;
      const table = np.full([base.vocabulary, base.width], value);
      return { ...good, params: { ...good.params, embedding: { ...embedding, table } } };
    };
    for (const bad of [withBias(NaN), withBias(Infinity), withKernel(3000)]) {
      const got = sweeping(bad, tokensOf(1), tokensOf(2), key(0));
      expect(got.updated.item()).toBe(0);
      expectSameState(got.state, bad);
    }
  });

  it("refuse what needs all gradients at once, and layers that share an array", () => {
    expect(() => lossAndUpdate(base, chain(clipByGlobalNorm(1), adam(0.1)))).toThrow(
      /valueAndUpdate: the optimiser needs the gradients of all layers.*clipByValue/s,
    );
    const optimizer = sgd(0.1);
    const params = initParams(base, key(1));
    const [first, second, , fourth] = params.layers;
    const shared = { ...params, layers: [first, second, first, fourth] };
    expect(() =>
      lossAndUpdate(base, optimizer)(
        initUpdateState(optimizer, shared),
        tokensOf(1),
        tokensOf(2),
        key(0),
      ),
    ).toThrow(/layers share an array.*layers 0 and 2/s);
  });
});
