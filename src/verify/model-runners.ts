import { Tensor } from "../core/tensor.ts";
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
import { runLayers } from "../reformer/models/run-stack.ts";
import { embedTokens } from "../reformer/models/token-vectors.ts";
import { outputLogits } from "../reformer/outputs/next-token.ts";
import { meanLoss } from "../reformer/outputs/mean-loss.ts";
import { valueAndGrad, vjp } from "../transforms/index.ts";
import { configFromHuggingFace } from "../interop/huggingface/config.ts";
import { fromHuggingFace } from "../interop/huggingface/load.ts";
import {
  axialTables,
  layerFromHuggingFace,
  paramsFromHuggingFace,
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

/** One layer inside the reversible function: x = [hidden | attention], y = [attention' | hidden']. */
export const huggingFaceLayer: CaseRunner = {
  kinds: ["hf/ReformerLayer in _ReversibleFunction"],
  features: new Set([
    "factorised bucket counts",
    "windows of other sizes",
    "full attention for short sequences",
  ]),
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

/** HuggingFace's language model: loss, logits, buckets, and in training mode every gradient. */
export const huggingFaceLanguageModel: CaseRunner = {
  kinds: ["hf/ReformerModelWithLMHead"],
  features: new Set([
    "attention mask",
    "chunked feed-forward",
    "chunked head",
    "factorised bucket counts",
    "full attention for short sequences",
    "learned positions",
    "windows of other sizes",
  ]),
  run: (golden) => {
    const { config, params } = fromHuggingFace(golden.config ?? {}, golden.weights);
    const context = contextWith(golden, config, (layer) => `rotations.${layer}`);
    const tokens = tensorNamed(golden, "input.input_ids");
    const targets = nextTokens(tensorNamed(golden, "input.labels"));
    const weights = withoutCopies(weightsOf(golden));

    const lossOf = (dict: StateDict): Value => {
      const params = paramsFromHuggingFace(config, dict);
      const { streams } = runLayers(
        config,
        params.layers,
        embedTokens(config, params, tokens),
        context,
        "evaluation",
      );
      return meanLoss(config, params, streams, targets);
    };
    const embedded = embedTokens(config, params, tokens);
    const stream = { first: embedded, second: embedded };
    const { streams, saved } = forwardPass(
      buildLayers(config, "evaluation"),
      params.layers,
      stream,
      context,
    );
    const results: Results = new Map([["logits", tensorOf(outputLogits(config, params, streams))]]);
    saved.forEach(({ f }, layer) => {
      if (golden.tensors.has(`buckets.${layer}`)) {
        results.set(`buckets.${layer}`, bucketsForHuggingFace(golden, headsOf(f), config));
      }
    });
    if (golden.description.mode !== "train") {
      results.set("loss", asVector(lossOf(weights)));
      return Promise.resolve(results);
    }
    const [value, gradients] = valueAndGrad<[StateDict]>(lossOf)(weights);
    results.set("loss", asVector(value));
    for (const [name, gradient] of Object.entries(gradients))
      results.set(`grad.${name}`, tensorOf(gradient));
    return Promise.resolve(results);
  },
};

const asVector = (value: Value): Tensor => tensorOf(ops.reshape(value, [1]));

/** `lm_head.decoder.bias` is a second name of `lm_head.bias`. */
const withoutCopies = (weights: StateDict): StateDict =>
  Object.fromEntries(Object.entries(weights).filter(([name]) => name !== "lm_head.decoder.bias"));

/** The label of each position is the next token's; the last position has none. */
function nextTokens(labels: Tensor): Value {
  const [batch, length] = labels.shape;
  const later = ops.slice(labels, [0, 1], [batch, length]);
  return ops.pad(later, ops.literal(-1, "i32"), [0, 0], [0, 1]);
}

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
