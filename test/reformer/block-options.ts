/** Small models whose blocks, norms and positions are chosen at random, and what all of them must do. */
import * as fc from "fast-check";
import { jit, tree, vjp, type Value } from "../../src/index.ts";
import * as np from "../../src/numpy/index.ts";
import { activations, type Activation } from "../../src/nn/index.ts";
import { key, normal } from "../../src/random/index.ts";
import { buildLayers, initParams, stackContext, untiedLayers } from "../../src/reformer/index.ts";
import type {
  PositionConfig,
  ReformerConfig,
  ResidualConfig,
} from "../../src/reformer/models/config.ts";
import type { FeedForwardKind } from "../../src/reformer/blocks/feed-forward-block.ts";
import type { StackFunction, ReversibleLayer } from "../../src/reformer/stack/reversible.ts";
import { toStream, valuesOf } from "../../src/reformer/stack/stream.ts";
import { streamDType } from "../../src/reformer/models/run-stack.ts";
import { tinyModel } from "./tiny-model.ts";

const width = tinyModel.width;
const names = Object.keys(activations) as readonly Activation[];

const positions = fc.constantFrom<PositionConfig>(
  { kind: "axial", shape: [5, 6], widths: [3, width - 3] },
  { kind: "axial", shape: [2, 3, 5], widths: [width, width, width], combination: "sum" },
  { kind: "axial", shape: [2, 3, 5], widths: [1, 2, width - 3], combination: "concatenate" },
  { kind: "learned", length: 30 },
  { kind: "sinusoid" },
  { kind: "sinusoid", base: 100, layout: "halves" },
  { kind: "none" },
);

const feedForward: fc.Arbitrary<FeedForwardKind> = fc.record(
  {
    gated: fc.boolean(),
    dropoutAt: fc.constantFrom("activated", "inner"),
    innerDropout: fc.constantFrom(null, 0, 0.4),
    recurrent: fc.record(
      {
        layers: fc.integer({ min: 1, max: 2 }),
        units: fc.constantFrom(width, 3),
        place: fc.constantFrom("instead", "beside"),
      },
      { requiredKeys: ["layers"] },
    ),
    productKeys: fc.constantFrom(
      { at: [0], keys: 4, heads: 2, best: 3, queryWidth: 6 },
      { at: [], keys: 3, best: 2 },
    ),
  },
  { requiredKeys: [] },
);

const residual: fc.Arbitrary<ResidualConfig> = fc.oneof(
  fc.record(
    {
      norm: fc.constantFrom("layer", "uncentred", "rms", "scale", "none"),
      gain: fc.boolean(),
      layerDropout: fc.constantFrom(0, 0.4, 0.95),
    },
    { requiredKeys: [] },
  ),
  fc.record({
    norm: fc.constantFrom("layer", "uncentred", "rms", "scale"),
    normAt: fc.constant("after"),
  }),
);

const options: fc.Arbitrary<Partial<ReformerConfig>> = fc.record(
  {
    activation: fc.constantFrom(...names),
    feedForward,
    residual,
    positions,
    tiedLayers: fc.constantFrom("both", "attention", "feedForward"),
    dropout: fc.constantFrom(0, 0.3),
    attentionDropout: fc.constantFrom(0, 0.3),
  },
  { requiredKeys: [] },
);

export const layerKinds = fc.constantFrom<ReformerConfig["layers"][number]>("local", "lsh", "full");

/** Every combination of options, with layers of any kinds. */
export const configs: fc.Arbitrary<ReformerConfig> = fc
  .tuple(
    options,
    fc.array(layerKinds, { minLength: 1, maxLength: 3 }),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([chosen, layers, feedForwardChunk]) => ({
    ...tinyModel,
    layers,
    feedForwardChunk,
    ...chosen,
  }));

/** Parameters away from where they begin: gains of zero would hide all else. */
export const scattered = <Params>(params: Params): Params =>
  tree.map(
    (leaf: Value) => np.add(leaf, np.multiply(normal(key(leaf.size), leaf.shape), 0.2)),
    params,
  );

/** Values and gradients, in parameters and input, of the layers as one function. */
export function stackGradient(
  config: ReformerConfig,
  join: (layers: readonly ReversibleLayer[]) => StackFunction,
) {
  const length = 9;
  const { layers: params } = scattered(initParams(config, key(1)));
  const context = stackContext(config, key(2), { mode: "training", length });
  const inputs = [3, 4].map((seed) => normal(key(seed), [2, length, config.width]));
  const cotangents = [5, 6].map((seed) => normal(key(seed), [2, length, config.width]));
  const run = join(buildLayers(config, "training"));
  const dtype = streamDType(config);
  return jit((layers: unknown, x: readonly Value[]) => {
    const apply = (p: typeof params, [a, b]: readonly Value[]): readonly Value[] => {
      const streams = { first: toStream(a, dtype), second: toStream(b, dtype) };
      const { streams: after } = run(untiedLayers(config, p), streams, context);
      return [valuesOf(after.first), valuesOf(after.second)];
    };
    const [values, pullBack] = vjp(apply, layers as typeof params, x);
    return { values, gradient: pullBack(cotangents) };
  })(params, inputs);
}

/** Elements of all arrays in a tree. */
export const elements = (values: unknown): number =>
  tree.leaves<Value>(values).reduce((sum, leaf) => sum + leaf.size, 0);
