import type { Value } from "../../core/value.ts";
import { reshape } from "../../numpy/index.ts";
import { attendHead, attentionWeights, type HeadOptions } from "../../reformer/index.ts";
import type { CaseRunner, GoldenCase } from "../case.ts";
import { pullBack, tensorNamed, tensorOf, type Results } from "../runner-support.ts";
import { completeMask, fullOptions, listedBuckets, lshOptions } from "./heads.ts";
import { lucidrainsOptions } from "./features.ts";
import { optionsOf } from "./options.ts";

/** lucidrains' LSHAttention and FullQKAttention alone: vectors in, attention out; heads are in the batch. */
export const lucidrainsAttention: CaseRunner = {
  kinds: ["lucidrains/LSHAttention", "lucidrains/FullQKAttention"],
  features: lucidrainsOptions,
  run: (golden) => {
    const options = optionsOf(golden);
    const hashes = golden.kind === "lucidrains/LSHAttention";
    return Promise.resolve(attend(golden, hashes ? lshOptions(options, 8) : fullOptions(options)));
  },
};

function attend(golden: GoldenCase, options: HeadOptions): Results {
  const { tensors, description } = golden;
  const [qk, v] = [tensorNamed(golden, "input.qk"), tensorNamed(golden, "input.v")];
  const [, length] = qk.shape;
  const waves = options.kind === "lsh" ? tensors.get("input.pos_emb") : undefined;
  const queries = typeof description.query_len === "number" ? description.query_len : length;
  const context = {
    valid: completeMask(tensors.get("input.input_mask"), length),
    pairs: tensors.get("input.input_attn_mask") ?? null,
    rotary: waves ? reshape(waves, waves.shape.slice(1)) : null,
    rotations: tensors.get("rotations") ?? null,
    dropoutKey: null,
    queries,
  };
  const run = (q: Value, values: Value): ReturnType<typeof attendHead> =>
    attendHead({ q, k: null, v: values }, options, context, null);
  const results: Results = pullBack(
    golden,
    (weights) => run(weights.qk, weights.v).out,
    "input.qk",
    null,
    "out",
    { qk, v },
  );
  const { buckets } = run(qk, v);
  if (buckets) {
    results.set("buckets", listedBuckets(buckets, Math.floor(length / options.chunkLength)));
  }
  if (tensors.has("expected.attn")) {
    results.set("attn", tensorOf(attentionWeights({ q: qk, k: null }, options, context)));
  }
  return results;
}
