import type { Json } from "../../edge/json.ts";
import type { GoldenCase } from "../case.ts";
import type { Feature } from "../feature.ts";
import { optionsOf } from "./options.ts";

const shared = ["bucket_size", "n_hashes", "causal", "random_rotations_per_head"];
const hashing = ["attend_across_buckets", "allow_duplicate_attention", "rehash_each_round"];

const heads = ["dim", "heads", "dim_head", "num_mem_kv", "one_value_head", "n_local_attn_heads"];
const whole = ["use_full_attn", "full_attn_thres", "attn_chunks"];
const positions = [
  "fixed_position_emb",
  "absolute_position_emb",
  "axial_position_emb",
  "axial_position_shape",
];
const stack = ["depth", "ff_mult", "ff_chunks", "ff_glu", "weight_tie", "reverse_thres"];
const residuals = ["use_rezero", "use_scale_norm"];
const model = [
  ...shared,
  ...heads,
  ...whole,
  ...positions,
  ...stack,
  ...residuals,
  "num_tokens",
  "max_seq_len",
];

/** Options that cases of a kind may have with any value. */
const known: Readonly<Record<string, readonly string[]>> = {
  "lucidrains/LSHAttention": [...shared, ...hashing, "return_attn"],
  "lucidrains/FullQKAttention": ["causal"],
  "lucidrains/LSHSelfAttention": [...shared, ...hashing, ...heads, ...whole],
  "lucidrains/ReformerLM": model,
  "lucidrains/Autopadder": model,
  "lucidrains/Autopadder(ReformerLM)": model,
  "lucidrains/ReformerEncDec": ["dim", ...model.flatMap((name) => [`enc_${name}`, `dec_${name}`])],
  "lucidrains/AxialPositionalEmbedding": ["dim", "axial_shape", "axial_dims"],
};

/** Options that need nothing where they say: no. */
const isOff = (value: Json): boolean => value === null || value === false || value === 0;

type Finding = readonly [needed: boolean, feature: Feature];

/** What a case of lucidrains' modules needs. */
export function lucidrainsFeatures(golden: GoldenCase): readonly Finding[] {
  const { given, flag } = optionsOf(golden);
  const ours = known[golden.kind] ?? [];
  const others = Object.keys(given).filter((name) => !ours.includes(name) && !isOff(given[name]));
  const inputs = new Set([...golden.tensors.keys()].filter((name) => name.startsWith("input.")));
  const attends = ours.includes("causal");
  return [
    [attends && !flag("causal", false), "bidirectional attention"],
    [!flag("attend_across_buckets", true), "no attention across chunks"],
    [!flag("allow_duplicate_attention", true), "duplicates counted once"],
    [!flag("rehash_each_round", true), "hashing once for all rounds"],
    [flag("return_attn", false), "returned attention weights"],
    [flag("random_rotations_per_head", false), "rotations per head"],
    [typeof golden.description.query_len === "number", "shorter query"],
    [inputs.has("input.input_mask"), "attention mask"],
    [inputs.has("input.input_attn_mask"), "attention mask between pairs"],
    [others.length > 0, "other options"],
  ];
}

/** All of these: only dropout, which draws its numbers elsewhere, and options that nobody knows are not among them. */
export const lucidrainsOptions: ReadonlySet<Feature> = new Set<Feature>([
  "bidirectional attention",
  "no attention across chunks",
  "duplicates counted once",
  "hashing once for all rounds",
  "returned attention weights",
  "rotations per head",
  "shorter query",
  "attention mask",
  "attention mask between pairs",
]);
