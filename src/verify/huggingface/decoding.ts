import type { Tensor } from "../../core/tensor.ts";
import { fromHuggingFace } from "../../interop/huggingface/load.ts";
import { allWeights } from "../../interop/huggingface/weights.ts";
import { sliceInDim } from "../../lax/index.ts";
import { argmax, astype, concatenate, reshape, transpose } from "../../numpy/index.ts";
import type { HuggingFaceCache, ReformerConfig } from "../../reformer/index.ts";
import { bucketSizes } from "../../reformer/attention/buckets.ts";
import { decoderOf } from "../../reformer/decode/decoder.ts";
import { next, readPrompt } from "../../reformer/decode/huggingface/decode.ts";
import { commonLength } from "../../reformer/models/common-length.ts";
import { headOptions } from "../../reformer/models/layers.ts";
import type { Value } from "../../core/value.ts";
import { jit } from "../../transforms/index.ts";
import type { GoldenCase } from "../case.ts";
import { plain, type Contract } from "../contract-shape.ts";
import { promisedShapes } from "../promises.ts";
import { perHead, tensorNamed, tensorOf, type Results } from "../runner-support.ts";

/** Whether tokens are read one by one behind a prefix, with what HuggingFace keeps of it. */
export const isDecoding = ({ description }: GoldenCase): boolean =>
  String(description.mode).includes("use_cache");

/** `step0` is the prefix read as a whole, `stepN` reads the token behind N - 1 others. */
const stepNames = (kind: "rotations" | "buckets", step: number, layer: number): string =>
  `step${step}.${kind}.${layer}`;

export function decodingContract(golden: GoldenCase, hashed: readonly number[]): Contract {
  const { config = {} } = golden;
  const { prefix, steps } = sizesOf(golden);
  const chunk = Number(config.lsh_attn_chunk_length);
  const lsh = layersThatHash(golden);
  const named = (kind: "rotations" | "buckets"): readonly string[] =>
    Array.from({ length: steps + 1 }, (_, step) => {
      const layers = step === 0 ? hashed : hashed.length > 0 || prefix + step >= chunk ? lsh : [];
      return layers.map((layer) => stepNames(kind, step, layer));
    }).flat();
  return {
    ...plain,
    weights: allWeights("tokens", config),
    inputs: ["input.prefix", ...named("rotations")],
    buckets: ["expected.tokens", ...named("buckets")],
    outputs: ["prefix_logits", "step_logits"],
    intermediate: /^info\.uncached_last_logits$/,
  };
}

const layersThatHash = ({ config = {} }: GoldenCase): readonly number[] =>
  [config.attn_layers].flat().flatMap((kind, layer) => (kind === "lsh" ? [layer] : []));

function sizesOf(golden: GoldenCase) {
  const shapes = promisedShapes(golden);
  const [batch = 0, prefix = 0] = shapes.get("input.prefix") ?? [];
  const [steps = 0] = shapes.get("expected.step_logits") ?? [];
  return { batch, prefix, steps };
}

/** The prefix as a case of its own, of which all logits are asked for. */
export function prefixCase(golden: GoldenCase): GoldenCase {
  const tensors = new Map<string, Tensor>([
    ["input.input_ids", tensorNamed(golden, "input.prefix")],
  ]);
  for (const layer of layersThatHash(golden)) {
    const given = golden.tensors.get(stepNames("rotations", 0, layer));
    if (given) tensors.set(`rotations.${layer}`, given);
  }
  return { ...golden, tensors };
}

/** The buckets and logits of all steps; those of the prefix are given. */
export function decodeCase(golden: GoldenCase, ofPrefix: Results): Results {
  const { batch, prefix, steps } = sizesOf(golden);
  const loaded = fromHuggingFace(golden.config ?? {}, golden.weights, { head: "tokens" });
  const config = withBuckets(loaded.config, prefix);
  const tokens = tensorNamed(golden, "expected.tokens");
  const results: Results = new Map([["prefix_logits", tensorOf(ofPrefix.get("logits") ?? tokens)]]);
  const record = (step: number, layer: number, buckets: Value | null): void => {
    const name = stepNames("buckets", step, layer);
    if (buckets && golden.tensors.has(name)) results.set(name, tensorOf(buckets));
  };
  config.layers.forEach((_, layer) => {
    record(0, layer, ofPrefix.get(`buckets.${layer}`) ?? null);
  });
  const rotationsAt = (step: number): HuggingFaceCache["rotations"] =>
    config.layers.map((_, layer) => rotationsFrom(golden, step, steps, layer));
  const decoder = decoderOf(config, { capacity: prefix + steps }, "verify");
  let { cache, logits } = readPrompt(
    decoder,
    loaded.params,
    tensorNamed(golden, "input.prefix"),
    rotationsAt(0),
    prefix + steps,
  );
  const read = jit((kept: HuggingFaceCache, token: Value) =>
    next(config, loaded.params, kept, token),
  );
  const all = [logits];
  for (let step = 1; step <= steps; step++) {
    const token = reshape(sliceInDim(tokens, step - 1, step, 1), [batch]);
    ({ cache, logits } = read({ ...cache, rotations: rotationsAt(step) }, token));
    all.push(logits);
    for (const [layer, { buckets }] of cache.layers.entries()) {
      if (buckets) record(step, layer, newBuckets(golden, buckets, prefix + step, layer, step));
    }
  }
  const shape = tensorNamed(golden, "expected.step_logits").shape;
  results.set("step_logits", tensorOf(reshape(concatenate(all.slice(1), 0), shape)));
  const likeliest = all.map((row) => reshape(astype(argmax(row, 1), "i32"), [batch, 1]));
  return results.set("expected.tokens", tensorOf(concatenate(likeliest, 1)));
}

/** The count of the first text that hashes stays. */
function withBuckets(config: ReformerConfig, prefix: number): ReformerConfig {
  const sizes = bucketSizes(headOptions(config, "lsh", "evaluation"), commonLength(config, prefix));
  return { ...config, lsh: { ...config.lsh, buckets: sizes } };
}

/** What a layer hashes with at a step, or if it does not yet when it does. */
function rotationsFrom(
  golden: GoldenCase,
  first: number,
  last: number,
  layer: number,
): Value | null {
  for (let step = first; step <= last; step++) {
    const given = golden.tensors.get(stepNames("rotations", step, layer));
    if (given) return perHead(given);
  }
  return null;
}

/** Of the token that was read, i32[B, heads, rounds, 1]; where the case has those of all tokens so far, of all. */
function newBuckets(
  golden: GoldenCase,
  buckets: Value,
  length: number,
  layer: number,
  step: number,
): Value {
  const count = golden.tensors.get(stepNames("buckets", step, layer))?.shape[3] ?? 1;
  return transpose(sliceInDim(buckets, length - count, length, 3), [1, 0, 2, 3]);
}
