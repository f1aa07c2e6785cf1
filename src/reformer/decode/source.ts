import type { Value } from "../../core/value.ts";
// Attention of one token is an operation that numpy has no name for.
import * as ops from "../../ir/ops.ts";
import { broadcastInDim, gather } from "../../lax/index.ts";
import { add, full, less, maximum, reshape, subtract, sum, where } from "../../numpy/index.ts";
import { crossAttention } from "../attention/cross-attention.ts";
import { sort } from "../attention/lsh.ts";
import {
  crossAttentionBlock,
  type CrossAttentionOptions,
  type CrossAttentionParams,
  type CrossHeadParams,
} from "../blocks/cross-attention-block.ts";
import type { BlockContext, Mixed, PartParams, PartsBlock } from "../blocks/half-block.ts";
import { project } from "../blocks/projections.ts";
import type { Health } from "../stack/reversible-layer.ts";

/** Keys and values of an encoded source, by head f32[B, S, d]; all heads of a layer f32[heads, B, S, d]. */
export interface SourceRows {
  readonly keys: Value;
  readonly values: Value;
}

/** What the layers of a decoder keep of the sources: it is computed once. */
export interface SourceCache {
  readonly layers: readonly SourceRows[];
  /** Tokens of each source, the first ones, i32[B]. */
  readonly count: Value;
}

/** What the definition keeps of the sources: all, and 1 for real tokens, i32[B, S]; null where all are. */
export interface SourceText {
  readonly layers: readonly SourceRows[];
  readonly valid: Value | null;
}

/** What the layers read of them besides their own. */
export const sharedOf = (source: SourceCache | SourceText) => ({
  sourceCount: "count" in source ? source.count : null,
  sourceValid: "valid" in source ? source.valid : null,
});

/** Health of layers that stand above so many others, which are counted first. */
export function counted(health: Health, below: number | null): Health {
  if (below === null) return health;
  const { badLayer } = health;
  return { ...health, badLayer: where(less(badLayer, 0), badLayer, add(badLayer, below)) };
}

/** What the layers keep of sources, of which `valid` i32[B, S] tells the real tokens; null where all are. These come first, in their order. */
export function sourceCache(layers: readonly SourceRows[], valid: Value | null): SourceCache {
  const [heads, batch, length] = layers[0].keys.shape;
  if (!valid) return { layers, count: full([batch], length, "i32") };
  const { order } = sort(subtract(1, valid), 2);
  const places = broadcastInDim(order, [heads, batch, length], [1, 2]);
  const inOrder = (x: Value): Value => gather(x, places, 2);
  return {
    layers: layers.map(({ keys, values }) => ({ keys: inOrder(keys), values: inOrder(values) })),
    count: sum(valid, 1),
  };
}

type Part = PartParams<CrossHeadParams, CrossAttentionParams["shared"]>;

interface Shared {
  readonly source: Value;
  readonly sourceValid: Value | null;
  readonly sourceCount: Value;
}

type Mix<Own> = (part: Part, q: Value, context: BlockContext<Own, Shared>) => Mixed;

/** The half-block with another way to mix: norm, projections and sums stay those of the model. */
function mixing<Own>(options: CrossAttentionOptions, what: string, mix: Mix<Own>): PartsBlock {
  const block = crossAttentionBlock(options);
  return {
    ...block,
    name: `${block.name}.${what}`,
    mix: (part, q, context) => mix(part as Part, q as Value, context as BlockContext<Own, Shared>),
  };
}

const attend = (q: Value, { keys, values }: SourceRows, valid: Value | null): Value =>
  crossAttention({ q, k: keys, v: values }, { valid, keepProbability: null, dropoutKey: null });

/** Attention of a prompt to the source, whose keys and values it leaves. */
export const promptSource = (options: CrossAttentionOptions): PartsBlock =>
  mixing(options, "prompt", ({ own }, q, { shared: { source, sourceValid } }) => {
    const saved = { keys: project(source, own.key), values: project(source, own.value) };
    return { out: attend(q, saved, sourceValid), saved };
  });

/** The definition of a token's attention to the source: that of a text of one token. */
export const definingSource = (options: CrossAttentionOptions): PartsBlock =>
  mixing<SourceRows>(options, "definition", (_, q, { own, shared: { sourceValid } }) => ({
    out: attend(q, own, sourceValid),
    saved: null,
  }));

/** Attention of one token to what is kept of the source, as to its last token and those before it. */
export const tokenSource = (options: CrossAttentionOptions): PartsBlock =>
  mixing<SourceRows>(options, "token", (_, q, { own, shared: { sourceCount } }) => ({
    out: attendToRows(q, own, sourceCount),
    saved: null,
  }));

/** q f32[B, 1, d] to the first i32 count[B] rows, one at least: where there is none, the result means nothing. */
function attendToRows(q: Value, { keys, values }: SourceRows, count: Value): Value {
  const [batch, , width] = q.shape;
  const last = subtract(maximum(count, 1), 1);
  const lastRow = (x: Value): Value =>
    reshape(gather(x, reshape(last, [batch, 1]), 1), [batch, x.shape[2]]);
  const own = [reshape(q, [batch, width]), lastRow(keys), lastRow(values)];
  const [out] = ops.bindNamed("attendToken", [...own, keys, values, last], {
    chunkLength: 1,
    before: 0,
    after: 0,
    whole: keys.shape[1],
    sameBucket: false,
    duplicates: false,
    memory: 0,
    seesMemory: false,
    ring: false,
    circular: false,
    selfMask: null,
    scale: 1 / Math.sqrt(width),
    unitKeys: null,
  });
  return reshape(out, [batch, 1, values.shape[2]]);
}
