/** What the attention operations take: their params, and the sizes that their operands have. */
import type { Aval } from "../core/aval.ts";

/**
 * How pairs of a query and a key are counted that meet more than once. `sameRound` is for parity with trax 1.2.3 and lucidrains: on a
 * ring of rounds it does not see that chunks of neighbouring rounds meet, and takes the count of such pairs for 1e-9.
 */
export type Duplicates = boolean | "sameRound";

/** Who attends to whom in chunks of sorted slots; the meaning of each is in `primitives/attention/chunked-attention.ts`. */
export interface ChunkedAttentionParams {
  /** Slots per chunk; divides L. */
  readonly chunkLength: number;
  /** Chunks to look back and ahead. */
  readonly before: number;
  readonly after: number;
  readonly causal: boolean;
  readonly sameBucket: boolean;
  /** Logit of a token's own position, or null to treat it as any other. */
  readonly selfMask: number | null;
  /** Pairs that meet several times count once; with `sameRound` meetings of a pair across rounds are not counted. */
  readonly duplicates: Duplicates;
  readonly circular: boolean;
  /** `valid` is looked at. */
  readonly masked: boolean;
  /** `valid` says it for every pair, i32[N, L, L] by query and key, instead of for every key. */
  readonly pairs?: boolean;
  /** Factor on the dot products. */
  readonly scale: number;
  /** Probability that an attention weight survives dropout; null is no dropout. */
  readonly keepProbability: number | null;
}

/** Attention with one softmax over the keys of all rounds; see `primitives/attention/joint-attention.ts`. */
export interface JointAttentionParams extends ChunkedAttentionParams {
  /**
   * A number: queries are keys too, at unit length, with this epsilon beside their mean square, and there is no operand k.
   * Null: keys are an operand of their own.
   */
  readonly unitKeys: number | null;
}

/** The chunks that a chunk of queries sees. */
export type AttentionWindow = Pick<
  ChunkedAttentionParams,
  "chunkLength" | "before" | "after" | "circular"
>;

/** N groups, L tokens, R rounds, query width d, value width e. */
export interface AttentionSizes {
  readonly groups: number;
  readonly length: number;
  readonly rounds: number;
  readonly width: number;
  readonly valueWidth: number;
}

export const sizesOf = ([q, , v, order]: readonly Aval[]): AttentionSizes => ({
  groups: q.shape[0],
  length: q.shape[1],
  rounds: order.shape[1],
  width: q.shape[2],
  valueWidth: v.shape[2],
});

/** The operands of chunkedAttention from those of jointAttention, which may lack k. */
export const withKeys = <T>(
  inputs: readonly T[],
  { unitKeys }: JointAttentionParams,
): readonly T[] => (unitKeys === null ? inputs : [inputs[0], ...inputs]);

/** Chunks that a query sees, its own included. */
export const windowChunks = ({ before, after }: AttentionWindow): number => before + 1 + after;

/** The probability that survives rounding to a threshold of 32 random bits. */
export const keepThreshold = (probability: number): number => Math.floor(probability * 4294967296);

/** Floating-point operations, pairs that masks exclude counted: products of `widths` for each pair of query and key. */
export const attentionFlops = (
  window: AttentionWindow,
  { groups, length, rounds }: AttentionSizes,
  widths: number,
): number =>
  2 *
  groups *
  rounds *
  length *
  Math.min(length, windowChunks(window) * window.chunkLength) *
  widths;
