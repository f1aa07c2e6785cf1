import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { slice } from "../../lax/index.ts";
import { transpose } from "../../numpy/index.ts";
import { attentionWeights } from "../attention/attention-weights.ts";
import type { HeadOptions } from "../attention/head-options.ts";
import type { AttentionContext, SharedContext } from "../blocks/attention-params.ts";
import type { BlockContext, PartsBlock } from "../blocks/half-block.ts";
import type { Projected } from "../blocks/projections.ts";
import type { ReversibleLayer } from "../stack/reversible.ts";
import { checkPass } from "./check-pass.ts";
import type { ReformerConfig } from "./config.ts";
import {
  inspectedPass,
  layerHashings,
  type HashingOptions,
  type LayerHashing,
} from "./inspect-hashing.ts";
import { headOptions } from "./layers.ts";
import type { ReformerParams } from "./params.ts";

/** How one lsh layer hashed, and what its heads attended to; all [batch, heads, ...]. */
export interface LayerAttention extends LayerHashing {
  /** The weights with which token i attended to token j, f32[..., length, length]: 0 where it could not. */
  readonly attended: Value;
  /** The weights that full attention over the same queries gives, f32[..., length, length]. */
  readonly whole: Value;
}

/** What a watched attention half-block keeps, stacked by head. */
interface Watched {
  readonly buckets: Value | null;
  readonly attended: Value;
  readonly whole: Value;
}

/**
 * What the heads of lsh layers attended to beside what full attention would choose for the same queries, of tokens i32[batch, length]. Equal keys,
 * modes and rounds as in {@link loss} or {@link logits} show what these did. As large as the square of the length: for a look at
 * short sequences. Works under `jit`; not differentiable.
 *
 * @param key - u32[2], what hash rotations and dropout are drawn from
 * @returns one entry per layer, null where it hashes nothing: other kinds of attention, or one chunk holds all tokens
 * @throws ReformaxError when the tokens do not fit the model, or its heads see more than tokens (memory, local heads, rotary positions)
 * @example
 * import { init } from "reformax";
 * import { array } from "reformax/numpy";
 * import { key } from "reformax/random";
 * import { initParams, inspectAttention, reformerConfig } from "reformax/reformer";
 * await init();
 * const config = reformerConfig({ vocabulary: 8, width: 8, layers: ["local", "lsh"], lsh: { chunk: 2, buckets: 4 } });
 * const params = initParams(config, key(1));
 * const [local, lsh] = inspectAttention(config, params, array([[1, 2, 3, 4, 5, 6]], "i32"), key(2));
 * console.log(local, lsh?.attended.shape, lsh?.whole.shape); // => null [ 1, 2, 6, 6 ] [ 1, 2, 6, 6 ]
 */
export function inspectAttention(
  config: ReformerConfig,
  params: ReformerParams,
  tokens: Value,
  key: Value,
  options: HashingOptions = {},
): readonly (LayerAttention | null)[] {
  const where = "inspectAttention";
  checkPass({ config, params, tokens: ["tokens", tokens], key, options }, where);
  requirePlainHeads(config, where);
  const head = headOptions(config, "lsh", options.mode ?? "evaluation");
  const saved = inspectedPass(config, params, tokens, key, options, where, (layers) =>
    layers.map((layer, i) => (config.layers[i] === "lsh" ? watchedLayer(layer, head) : layer)),
  );
  const watched = saved.map(({ f }, i) => (config.layers[i] === "lsh" ? (f as Watched) : null));
  const buckets = watched.map((layer) =>
    layer?.buckets ? transpose(layer.buckets, [1, 0, 2, 3]) : null,
  );
  return layerHashings(config, buckets, tokens, options).map((hashing, i) => {
    const layer = watched[i];
    if (!hashing || !layer) return null;
    const [batch, length] = tokens.shape;
    const ofTokens = (x: Value): Value =>
      slice(x, [0, 0, 0, 0], [batch, x.shape[1], length, length]);
    const byBatch = (x: Value): Value => ofTokens(transpose(x, [1, 0, 2, 3]));
    return { ...hashing, attended: byBatch(layer.attended), whole: byBatch(layer.whole) };
  });
}

/** What attention has that reads other things than the tokens of the text, or in other ways, by the names of the fields. */
function requirePlainHeads({ attention = {}, lsh }: ReformerConfig, where: string): void {
  const { localHeads, memory, rotaryBase } = attention;
  const others = { localHeads, memory, rotaryBase, bestBuckets: lsh.bestBuckets };
  const found = Object.entries(others).flatMap(([name, value]) => (value ? [name] : []));
  if (found.length === 0) return;
  throw new ReformaxError("such heads cannot be compared with full attention", {
    where,
    expected: "hashed attention over the tokens alone",
    got: found.join(", "),
    fix: "inspectHashing shows the buckets of every model.",
  });
}

const watchedLayer = (layer: ReversibleLayer, options: HeadOptions): ReversibleLayer =>
  layer.map(({ name, block }) =>
    name === "f" && block.kind === "parts"
      ? { name, block: watch(block, options) }
      : { name, block },
  );

/** The half-block, which also keeps the weights of its heads. */
const watch = (block: PartsBlock, options: HeadOptions): PartsBlock => ({
  ...block,
  mix: (params, entered, context, saved) => {
    const mixed = block.mix(params, entered, context, saved);
    const { q, k } = entered as Projected;
    const { shared, own } = context as BlockContext<AttentionContext, SharedContext>;
    const around = {
      valid: shared.valid,
      pairs: shared.pairs,
      rotations: own.rotations,
      dropoutKey: null,
    };
    const buckets = mixed.saved as Value | null;
    const whole = attentionWeights({ q, k }, { ...options, kind: "full" }, around);
    // Where one chunk holds all tokens nothing is hashed.
    const attended = buckets ? attentionWeights({ q, k }, options, around, buckets) : whole;
    return { ...mixed, saved: { buckets, attended, whole } satisfies Watched };
  },
});
