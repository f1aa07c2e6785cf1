import type { Value } from "../../core/value.ts";
import { slice } from "../../lax/index.ts";
import { attendBeyond, chunksBeyond } from "./beyond-ring.ts";
import type { AttentionInfo } from "./chunked-attention.ts";
import { rolledPlaces, rollTokens } from "./extra-keys.ts";
import type { HeadContext, HeadOptions, Padding } from "./head-options.ts";
import {
  jointAttention,
  type AttentionVectors,
  type JointAttentionOptions,
} from "./joint-attention.ts";
import { commonOptions, dropoutKeys, needsMask } from "./token-padding.ts";

/** Tokens in slots, and the head's choices for its chunks. */
export interface Placed {
  readonly slots: Pick<AttentionInfo, "order" | "inverse" | "buckets">;
  readonly choices: Partial<JointAttentionOptions>;
}

/** Joint attention of padded vectors as the head and its context have it, of the queries alone: f32[N, queries, e]. */
export function attendPlaced(
  { q, k, v }: AttentionVectors,
  { slots, choices }: Placed,
  options: HeadOptions,
  { dropoutKey }: HeadContext,
  padding: Padding,
): Value {
  const { padded, queries, valid, pairs, scale } = padding;
  const [groups] = q.shape;
  // Where a causal mask would hide keys that all queries may see, these come first.
  const extra = options.causal && queries < padding.length ? padded - queries : 0;
  const roll = (x: Value): Value => rollTokens(x, 1, extra);
  const rollRounds = (x: Value): Value => rollTokens(x, 2, extra);
  const vectors = { q: roll(q), k: k && roll(k), v: roll(v) };
  const info: AttentionInfo = {
    order: extra === 0 ? slots.order : rolledPlaces(slots.order, padded, extra),
    inverse: rollRounds(slots.inverse),
    buckets: rollRounds(slots.buckets),
    valid: pairs ? rollRounds(roll(pairs)) : roll(valid),
    dropoutKey: dropoutKeys(dropoutKey, groups),
  };
  const joint: JointAttentionOptions = {
    ...commonOptions(options, needsMask(options, padding), scale),
    ...choices,
    ...(pairs && { pairs: true }),
  };
  const beyond = options.conventions.beyondRing === "own" ? chunksBeyond(joint, info) : 0;
  const out =
    beyond > 0 ? attendBeyond(vectors, info, joint, beyond) : jointAttention(vectors, info, joint);
  if (queries === padded) return out;
  const width = v.shape[2];
  return slice(out, [0, extra, 0], [groups, extra + queries, width]);
}
