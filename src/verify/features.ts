import type { Json, JsonObject } from "../edge/json.ts";
import type { GoldenCase } from "./case.ts";
import type { Feature } from "./feature.ts";
import { isModelKind } from "./huggingface/model-kinds.ts";
import { lucidrainsFeatures } from "./lucidrains/features.ts";

/** The features that a case needs, from its configuration and its tensors alone. */
export const featuresOf = (golden: GoldenCase): readonly Feature[] => {
  const found = golden.kind.startsWith("lucidrains/")
    ? lucidrainsFeatures(golden)
    : huggingfaceFeatures(golden);
  return found.filter(([needed]) => needed).map(([, feature]) => feature);
};

/** Whether a case needs a feature. */
export type Finding = readonly [needed: boolean, feature: Feature];

function huggingfaceFeatures(golden: GoldenCase): readonly Finding[] {
  const { tensors, kind, description } = golden;
  const config = golden.config ?? {};
  const kinds = layerKinds(golden);
  const whole = isModelKind(kind);
  const activation = config.hidden_act;
  return [
    [[...tensors.keys()].some((name) => name === "input.attention_mask"), "attention mask"],
    [kinds.has("lsh") && (config.num_buckets ?? null) === null, "automatic bucket counts"],
    [kinds.has("lsh") && Array.isArray(config.num_buckets), "factorised bucket counts"],
    [config.is_decoder !== true && kinds.size > 0, "bidirectional attention"],
    [String(description.mode).includes("use_cache"), "cached decoding"],
    [whole && config.axial_pos_embds !== true, "learned positions"],
    [whole && numberOf(config.chunk_size_feed_forward) > 0, "chunked feed-forward"],
    [whole && numberOf(config.chunk_size_lm_head) > 0, "chunked head"],
    [whole && config.tie_word_embeddings === true, "tied embedding"],
    [whole && needsPadding(golden), "padding to the chunk length"],
    [whole && hasOtherInputs(golden), "other inputs"],
    [needsFullAttention(golden), "full attention for short sequences"],
    [otherWindow(config, kinds), "windows of other sizes"],
    [
      kinds.size > 0 && activation !== "relu" && activation !== "gelu",
      "activation other than relu and gelu",
    ],
  ];
}

const numberOf = (value: Json | undefined): number => (typeof value === "number" ? value : 0);

/** Kinds of attention that occur in the case. */
export function layerKinds({ kind, config = {} }: GoldenCase): ReadonlySet<string> {
  if (kind === "hf/LSHSelfAttention") return new Set(["lsh"]);
  if (kind === "hf/LocalSelfAttention") return new Set(["local"]);
  if (kind === "hf/AxialPositionEmbeddings") return new Set();
  const layers = Array.isArray(config.attn_layers) ? (config.attn_layers as readonly Json[]) : [];
  return new Set(layers.filter((layer) => typeof layer === "string"));
}

/** Length of the sequences that go in, or 0 where there are none. */
export function sequenceLength({ tensors }: GoldenCase): number {
  for (const name of ["input.input_ids", "input.prefix", "input.hidden_states", "input.x"]) {
    const shape = tensors.get(name)?.shape;
    if (shape !== undefined && shape.length >= 2) return shape[1];
  }
  return 0;
}

const chunkOf = (config: JsonObject, kind: string): number =>
  numberOf(config[`${kind}_attn_chunk_length`]);

/** HuggingFace pads to a multiple of all chunk lengths, if the sequence is longer than the smallest. */
function needsPadding(golden: GoldenCase): boolean {
  const config = golden.config ?? {};
  const chunks = [...layerKinds(golden)].map((kind) => chunkOf(config, kind)).filter((n) => n > 0);
  const length = sequenceLength(golden);
  return length > Math.min(...chunks) && chunks.some((chunk) => length % chunk !== 0);
}

const modelInputs =
  /^input\.(input_ids|prefix|attention_mask|labels|start_positions|end_positions)$/;

/** Positions, embeddings or masks of heads that were given to the model. */
const hasOtherInputs = ({ tensors }: GoldenCase): boolean =>
  [...tensors.keys()].some((name) => name.startsWith("input.") && !modelInputs.test(name));

const needsFullAttention = (golden: GoldenCase): boolean =>
  [...layerKinds(golden)].some(
    (kind) => sequenceLength(golden) <= chunkOf(golden.config ?? {}, kind),
  );

const otherWindow = (config: JsonObject, kinds: ReadonlySet<string>): boolean =>
  [...kinds].some(
    (kind) =>
      numberOf(config[`${kind}_num_chunks_before`]) !== 1 ||
      numberOf(config[`${kind}_num_chunks_after`]) !== 0,
  );
