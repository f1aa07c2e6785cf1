import type { DeepPartial } from "../../edge/deep-partial.ts";
import { within, type Validated } from "../../edge/problem.ts";
import type { ReformerConfig } from "../../reformer/index.ts";
import { completeConfig } from "../../reformer/models/reformer-config.ts";
import { activations, type TraxOptions } from "./options.ts";
import type { TraxPositions } from "./positions.ts";

/** A configuration that computes what trax's ReformerLM with these options does. */
export function configOf(
  options: TraxOptions,
  positions: TraxPositions,
): Validated<ReformerConfig> {
  const { SelfAttention: self, LSHSelfAttention: lsh, attention_type: kinds } = options;
  const queryKey = self.share_qk ? "shared" : "separate";
  const whole = self.chunk_len === null ? "full" : "local";
  const values: DeepPartial<ReformerConfig> = {
    conventions: "trax",
    vocabulary: options.vocab_size,
    width: options.d_model,
    heads: options.n_heads,
    headWidth: options.d_attention_key,
    feedForwardWidth: options.d_ff,
    activation: activations[options.ff_activation],
    layers: Array.from({ length: options.n_layers }, (_, layer) =>
      kinds[layer % kinds.length] === "LSHSelfAttention" ? "lsh" : whole,
    ),
    local: {
      ...(self.chunk_len !== null && { chunk: self.chunk_len }),
      before: self.n_chunks_before,
      after: 0,
      queryKey,
    },
    full: { queryKey },
    lsh: {
      chunk: lsh.chunk_len,
      before: lsh.n_chunks_before,
      after: lsh.n_chunks_after,
      rounds: lsh.n_hashes,
      buckets: lsh.n_buckets ?? "auto",
      rotations: "example",
    },
    positions: positions.config,
    reversible: "float",
  };
  return within("options, as a configuration of ours: ")(completeConfig(values));
}
