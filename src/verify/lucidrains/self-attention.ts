import * as tree from "../../core/tree.ts";
import type { Tensor } from "../../core/tensor.ts";
import type { Value } from "../../core/value.ts";
import { add, array, index, reshape, stack, swapaxes } from "../../numpy/index.ts";
import { extraRows } from "../../reformer/blocks/extra-rows.ts";
import { mixedHeads } from "../../reformer/blocks/mixed-heads.ts";
import { joinRows, project, projectRows } from "../../reformer/blocks/projections.ts";
import type { StateDict } from "../../interop/huggingface/parameters.ts";
import { vjp } from "../../transforms/index.ts";
import type { CaseRunner, GoldenCase } from "../case.ts";
import { tensorNamed, tensorOf, weightsOf, type Results } from "../runner-support.ts";
import { attentionParamsOf, headSizes } from "../../interop/lucidrains/attention-params.ts";
import { lucidrainsOptions } from "./features.ts";
import { fullOptions, listedBuckets, localHeadsOf, lshOptions } from "./heads.ts";
import type { ModuleOptions } from "../../interop/lucidrains/module-options.ts";
import { optionsOf } from "./options.ts";

/** lucidrains' LSHSelfAttention alone: rows in, the sum of all heads out. */
export const lucidrainsSelfAttention: CaseRunner = {
  kinds: ["lucidrains/LSHSelfAttention"],
  features: lucidrainsOptions,
  run: (golden) => {
    const inputs = {
      ...weightsOf(golden),
      x: tensorNamed(golden, "input.x"),
      ...given(golden, "keys"),
    };
    const [out, pull] = vjp<[StateDict]>((dict) => attend(golden, dict).out, inputs);
    const [gradients] = pull(tensorNamed(golden, "input.grad_output"));
    const results: Results = new Map([["out", tensorOf(out)]]);
    for (const [name, gradient] of Object.entries(gradients)) {
      const isKnown = name !== "keys" || golden.tensors.has("grad.keys");
      if (isKnown) results.set(`grad.${name}`, tensorOf(gradient));
    }
    const { buckets } = attend(golden, inputs);
    if (buckets.length > 0) results.set("buckets.0", joinedBuckets(buckets, golden));
    return Promise.resolve(results);
  },
};

const given = ({ tensors }: GoldenCase, name: string): StateDict => {
  const tensor = tensors.get(`input.${name}`);
  return tensor ? { [name]: tensor } : {};
};

/** Buckets of the heads that hash, of all of a sequence's heads in turn. */
export function joinedBuckets(heads: readonly Value[], golden: GoldenCase): Tensor {
  const [batch, rounds, length] = heads[0].shape;
  const all = reshape(stack(heads, 1), [batch * heads.length, rounds, length]);
  const bucketSize = optionsOf(golden).number("bucket_size", 64);
  return listedBuckets(all, Math.floor(length / bucketSize));
}

/** Rotations of the hashing head number `head`: one for all, or of each sequence's heads in turn. */
export function rotationsOfHead(given: Value, head: number, heads: number): Value {
  const [groups, ...rest] = given.shape;
  if (groups === 1) return given;
  return index(swapaxes(reshape(given, [groups / heads, heads, ...rest]), 0, 1), head);
}

/** Whether the attention of a text is full: always, or because it is short. */
export const isFull = (options: ModuleOptions, keys: number, threshold: number): boolean =>
  options.flag("use_full_attn", false) || keys <= options.number("full_attn_thres", threshold);

function attend(
  golden: GoldenCase,
  dict: StateDict,
): { readonly out: Value; readonly buckets: readonly Value[] } {
  const options = optionsOf(golden);
  const { tensors } = golden;
  const { x } = dict;
  const [batch, length] = x.shape;
  const sizes = headSizes(options);
  const params = attentionParamsOf(options, sizes, dict);
  const shared = {
    valid: tensors.get("input.input_mask") ?? null,
    keys: dict.keys ?? null,
    keysValid: tensors.get("input.context_mask") ?? null,
  };
  const extra = extraRows(params.shared.memory, shared, batch);
  const keyCount = length + (extra?.rows.shape[1] ?? 0);
  const full = isFull(options, keyCount, options.number("bucket_size", 64));
  const localHeads = localHeadsOf(options);
  const near = localHeads?.heads ?? 0;
  const run = mixedHeads({
    ...(full ? fullOptions(options) : lshOptions(options, 8)),
    ...(localHeads && { localHeads }),
  });
  const waves = full ? undefined : tensors.get("input.pos_emb");
  const rotations = tensors.get("rotations.0");
  const heads = Array.from({ length: sizes.heads }, (_, h) => {
    const own = tree.map((kernel: Value) => index(kernel, h), params.parts);
    const of = { shared: params.shared, own };
    const rows = projectRows(of, x);
    const hashing = rotations && !full ? rotations : null;
    const context = {
      valid: extra ? extra.valid(length) : shared.valid,
      pairs: tensors.get("input.input_attn_mask") ?? null,
      queries: length,
      rotary: waves ? reshape(waves, waves.shape.slice(1)) : null,
      rotations: hashing && rotationsOfHead(hashing, Math.max(0, h - near), sizes.heads - near),
      dropoutKey: null,
    };
    const vectors = extra ? joinRows(rows, projectRows(of, extra.rows)) : rows;
    const { out, buckets } = run(vectors, context, null, array(h, "i32"));
    return { out: project(out, own.output), buckets };
  });
  const sum = heads.map(({ out }) => out).reduce((a, b) => add(a, b));
  const { bias } = params.shared;
  const hashed = heads.slice(near).flatMap(({ buckets }) => (buckets ? [buckets] : []));
  return { out: bias ? add(sum, bias) : sum, buckets: hashed };
}
