import type { Value } from "../core/value.ts";
import * as ops from "../ir/ops.ts";
import { index } from "../numpy/indexing.ts";
import { axialPositions } from "../nn/index.ts";
import {
  buildLayers,
  forwardPass,
  reversible,
  type LayerParams,
  type ReformerConfig,
  type StackContext,
} from "../reformer/index.ts";
import { vjp } from "../transforms/index.ts";
import { configFromHuggingFace } from "../interop/huggingface/config.ts";
import {
  axialTables,
  layerFromHuggingFace,
  type StateDict,
} from "../interop/huggingface/parameters.ts";
import type { CaseRunner, GoldenCase } from "./case.ts";
import {
  bucketsForHuggingFace,
  pullBack,
  tensorNamed,
  tensorOf,
  weightsOf,
  type Results,
} from "./runner-support.ts";

/** HuggingFace's axial position embeddings: two runs over given position ids. */
export const huggingFaceAxial: CaseRunner = {
  kinds: ["hf/AxialPositionEmbeddings"],
  features: new Set(),
  run: (golden) => {
    const config = configFromHuggingFace(golden.config ?? {});
    const { positions } = config;
    const results: Results = new Map();
    for (const run of ["train", "eval"]) {
      const ids = tensorNamed(golden, `${run}.position_ids`);
      const look = (weights: StateDict): Value =>
        positions.kind === "axial"
          ? axialPositions(
              { tables: axialTables(withPrefix(weights), "table", positions.widths) },
              ids,
            )
          : ops.zerosLike(ids);
      const [out, pull] = vjp<[StateDict]>(look, weightsOf(golden));
      const [dWeights] = pull(tensorNamed(golden, `${run}.grad_output`));
      results.set(`${run}.out`, tensorOf(out));
      for (const [name, gradient] of Object.entries(dWeights))
        results.set(`${run}.grad.${name}`, tensorOf(gradient));
    }
    return Promise.resolve(results);
  },
};

const withPrefix = (weights: StateDict): StateDict =>
  Object.fromEntries(Object.entries(weights).map(([name, value]) => [`table.${name}`, value]));

const layerFeatures: CaseRunner["features"] = new Set([
  "activation other than relu and gelu",
  "attention mask",
  "automatic bucket counts",
  "bidirectional attention",
  "factorised bucket counts",
  "full attention for short sequences",
  "windows of other sizes",
]);

/** One layer inside the reversible function: x = [hidden | attention], y = [attention' | hidden']. */
export const huggingFaceLayer: CaseRunner = {
  kinds: ["hf/ReformerLayer in _ReversibleFunction"],
  features: layerFeatures,
  run: (golden) => {
    const full = configFromHuggingFace(golden.config ?? {});
    const [kind] = full.layers;
    const config: ReformerConfig = { ...full, layers: [kind] };
    const { width } = config;
    const context = contextWith(golden, config, () => "rotations");
    const half = (x: Value, which: 0 | 1): Value => {
      const [batch, length] = x.shape;
      return ops.slice(x, [0, 0, which * width], [batch, length, (which + 1) * width]);
    };
    const streamsOf = (x: Value): { first: Value; second: Value } => ({
      first: half(x, 1),
      second: half(x, 0),
    });
    const paramsOf = (weights: StateDict): readonly LayerParams[] => [
      layerFromHuggingFace(config, kind, weights, ""),
    ];
    const layer = (weights: StateDict, x: Value): Value => {
      const { streams } = reversible(buildLayers(config, "evaluation"))(
        paramsOf(weights),
        streamsOf(x),
        context,
      );
      return ops.concatenate([streams.first, streams.second], 2);
    };
    const results = pullBack(golden, layer, "input.x", "x", "y");
    // HuggingFace hands the two halves' gradients back in the other order: in its models both are the same tensor.
    const dx = tensorNamed({ ...golden, tensors: results }, "grad.x");
    results.set("grad.x", tensorOf(ops.concatenate([half(dx, 1), half(dx, 0)], 2)));
    if (kind === "lsh") {
      const { saved } = forwardPass(
        buildLayers(config, "evaluation"),
        paramsOf(weightsOf(golden)),
        streamsOf(tensorNamed(golden, "input.x")),
        context,
      );
      results.set("buckets", bucketsForHuggingFace(golden, headsOf(saved[0].f), config));
    }
    return Promise.resolve(results);
  },
};

/** One layer alone: attention added to one stream, feed-forward of that to the other. */
export const huggingFaceLayerAlone: CaseRunner = {
  kinds: ["hf/ReformerLayer"],
  features: layerFeatures,
  run: (golden) => {
    const full = configFromHuggingFace(golden.config ?? {});
    const [kind] = full.layers;
    const config: ReformerConfig = { ...full, layers: [kind] };
    const { streams, saved } = forwardPass(
      buildLayers(config, "evaluation"),
      [layerFromHuggingFace(config, kind, weightsOf(golden), "")],
      {
        first: tensorNamed(golden, "input.prev_attn_output"),
        second: tensorNamed(golden, "input.hidden_states"),
      },
      contextWith(golden, config, () => "rotations"),
    );
    const results: Results = new Map([
      ["attn_output", tensorOf(streams.first)],
      ["hidden_states", tensorOf(streams.second)],
    ]);
    if (golden.tensors.has("buckets"))
      results.set("buckets", bucketsForHuggingFace(golden, headsOf(saved[0].f), config));
    return Promise.resolve(results);
  },
};

/** Buckets i32[heads, B, rounds, L] by head. */
function headsOf(saved: unknown): readonly Value[] {
  const all = tensorOf(saved as Value);
  return Array.from({ length: all.shape[0] }, (_, h) => index(all, h));
}

/** The context with the rotations that the case gives instead of drawn ones. */
function contextWith(
  golden: GoldenCase,
  config: ReformerConfig,
  name: (layer: number) => string,
): StackContext {
  const layers = config.layers.map((_, layer): LayerParams => {
    const given = golden.tensors.get(name(layer));
    const rotations = given
      ? ops.reshape(given, [given.shape[0], 1, ...given.shape.slice(1)])
      : null;
    return {
      f: { rotations, dropoutKey: null, outputKey: null, bucketShuffle: null },
      g: { dropoutKey: null },
    };
  });
  return { shared: { valid: golden.tensors.get("input.attention_mask") ?? null }, layers };
}
