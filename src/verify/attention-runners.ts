import type { Value } from "../core/value.ts";
import { index } from "../numpy/indexing.ts";
import { concatenate } from "../numpy/join.ts";
import * as ops from "../ir/ops.ts";
import {
  attendHead,
  conventions,
  type HeadOptions,
  type ReformerConfig,
} from "../reformer/index.ts";
import { project } from "../reformer/blocks/projections.ts";
import { configFromHuggingFace } from "../interop/huggingface/config.ts";
import { headProjections, type StateDict } from "../interop/huggingface/parameters.ts";
import type { CaseRunner, GoldenCase } from "./case.ts";
import { bucketsForHuggingFace, pullBack, tensorNamed, weightsOf } from "./runner-support.ts";

/** HuggingFace's attention modules alone: projections of all heads, attention, heads side by side. */
export const huggingFaceAttention: CaseRunner = {
  kinds: ["hf/LSHSelfAttention", "hf/LocalSelfAttention"],
  features: new Set([
    "activation other than relu and gelu",
    "attention mask",
    "automatic bucket counts",
    "bidirectional attention",
    "factorised bucket counts",
    "full attention for short sequences",
    "windows of other sizes",
  ]),
  run: (golden) => {
    const kind = golden.kind === "hf/LSHSelfAttention" ? "lsh" : "local";
    const config = configFromHuggingFace({ ...golden.config, attn_layers: [kind] });
    const options = huggingFaceHead(golden, config, kind);
    const valid = golden.tensors.get("input.attention_mask") ?? null;
    let buckets: readonly Value[] = [];
    const attend = (weights: StateDict, hidden: Value): Value => {
      const heads = headProjections(config, kind, weights, "");
      const results = Array.from({ length: config.heads }, (_, h) => {
        const own = (x: Value): Value => project(hidden, index(x, h));
        return attendHead(
          { q: own(heads.query), k: heads.key ? own(heads.key) : null, v: own(heads.value) },
          options,
          {
            valid,
            rotations: kind === "lsh" ? sliceRotations(tensorNamed(golden, "rotations"), h) : null,
            dropoutKey: null,
          },
          null,
        );
      });
      buckets = results.flatMap((result) => (result.buckets ? [result.buckets] : []));
      return concatenate(
        results.map((result) => result.out),
        -1,
      );
    };
    const results = pullBack(golden, attend, "input.hidden_states", "hidden_states", "out");
    if (kind === "local") return Promise.resolve(results);
    attend(weightsOf(golden), tensorNamed(golden, "input.hidden_states"));
    return Promise.resolve(results.set("buckets", bucketsForHuggingFace(golden, buckets, config)));
  },
};

/** Options of a head from a HuggingFace configuration; an encoder attends in both directions. */
const huggingFaceHead = (
  { config = {} }: GoldenCase,
  model: ReformerConfig,
  kind: "lsh" | "local",
): HeadOptions => {
  const window = model[kind];
  const { buckets } = model.lsh;
  return {
    kind,
    causal: config.is_decoder === true,
    chunkLength: window.chunk,
    before: window.before,
    after: window.after,
    buckets: typeof buckets === "number" ? [buckets] : buckets,
    powersUpTo: model.lsh.powersUpTo,
    keepProbability: null,
    conventions: {
      ...conventions.huggingface,
      normEpsilon: model.normEpsilon ?? conventions.huggingface.normEpsilon,
    },
  };
};

/** Rotations of one head as a group of their own: [1, width, rounds, half]. */
const sliceRotations = (rotations: Value, h: number): Value => {
  const head = index(rotations, h);
  return ops.reshape(head, [1, ...head.shape]);
};
