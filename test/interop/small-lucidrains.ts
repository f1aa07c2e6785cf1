import { sizeOf } from "../../src/core/shape.ts";
import { tensorFrom, type Tensor } from "../../src/core/tensor.ts";
import { configFromOptions, modelWeights } from "../../src/interop/lucidrains/model-config.ts";
import { moduleOptions } from "../../src/interop/lucidrains/module-options.ts";

/** A small ReformerLM. */
export const smallOptions = {
  num_tokens: 5,
  dim: 8,
  depth: 2,
  max_seq_len: 32,
  heads: 2,
  dim_head: 4,
  bucket_size: 4,
  causal: true,
  axial_position_emb: true,
};

const numbered = (
  shapes: ReadonlyMap<string, readonly number[]>,
): readonly (readonly [string, Tensor])[] =>
  [...shapes].map(([name, shape], seed) => {
    const words = Float32Array.from({ length: sizeOf(shape) }, (_, i) => seed + i / 64);
    return [name, tensorFrom("f32", shape, words)];
  });

/** Its weights, and what a state dict has of them under other names. */
export function smallWeights(options: typeof smallOptions = smallOptions): {
  readonly trained: ReadonlyMap<string, Tensor>;
  readonly others: ReadonlyMap<string, Tensor>;
} {
  const known = moduleOptions(options);
  const { trained, others } = modelWeights(known, configFromOptions(known, false));
  return { trained: new Map(numbered(trained)), others: new Map(numbered(others)) };
}
