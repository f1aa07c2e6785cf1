/** `attention.chunked` and `attention.joint`: the primitives that local, LSH and full attention are made of. */
import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import { full } from "../../numpy/index.ts";
import {
  chunkedAttention,
  type AttentionInfo,
  type ChunkedAttentionOptions,
} from "./chunked-attention.ts";
import {
  jointAttention,
  type AttentionVectors,
  type JointAttentionOptions,
} from "./joint-attention.ts";
import { dropoutKeys } from "./token-padding.ts";

export type { AttentionInfo, AttentionVectors, ChunkedAttentionOptions, JointAttentionOptions };

/** Without `valid` every key may be attended to; without `dropoutKey` there is no dropout. */
export type Indices = Pick<AttentionInfo, "order" | "inverse" | "buckets"> & Partial<AttentionInfo>;

/** The length of a chunk, and what differs from the paper's hashed attention. */
export type Choices<Options> = Partial<Options> & Pick<ChunkedAttentionOptions, "chunkLength">;

const paper = {
  before: 1,
  after: 0,
  causal: false,
  sameBucket: true,
  selfMask: -1e5,
  duplicates: true,
  circular: false,
  scale: 1,
  keepProbability: null,
};

/**
 * Attention in chunks of sorted slots, each round by itself: f32[N, L, d], f32[N, L, d] and f32[N, L, e] to outputs
 * f32[N, R, L, e] and log partition functions f32[N, R, L], for `lsh.combine`. Unless told otherwise as the paper has
 * it: a chunk sees itself and the one before, a token those in its bucket, itself only when there is no other, and pairs
 * that meet in several rounds count once. Scores are never stored. Paper, sections 2 and 3.
 *
 * @throws ShapeError when the operands do not fit
 * @example
 * import { key, normal } from "reformax/random";
 * import { attention, lsh, unitKeys } from "reformax/reformer";
 * const q = normal(key(0), [1, 32, 8]);
 * const rotation = lsh.rotations(key(1), { groups: 1, width: 8, rounds: 2, sizes: [4] });
 * const buckets = lsh.hash(q, rotation, [4]);
 * const k = unitKeys(q, { keyEpsilon: 1e-6 });
 * const [outs, lse] = attention.chunked(q, k, q, { ...lsh.sort(buckets, 4), buckets }, { chunkLength: 8 });
 * console.log(outs.shape, lsh.combine(outs, lse).shape); // => [ 1, 2, 32, 8 ] [ 1, 32, 8 ]
 */
export const chunked = (
  q: Value,
  k: Value,
  v: Value,
  info: Indices,
  choices: Choices<ChunkedAttentionOptions>,
): readonly [out: Value, lse: Value] =>
  chunkedAttention(q, k, v, completeInfo(info, q), {
    ...paper,
    masked: info.valid !== undefined,
    ...choices,
  });

/**
 * The same with one softmax over the keys of all rounds: f32[N, L, e], without anything of the rounds' number stored. Queries
 * are keys too, at unit length, unless `unitKeys` is null.
 *
 * @throws ShapeError when the operands do not fit
 * @example
 * import { key, normal } from "reformax/random";
 * import { attention, lsh } from "reformax/reformer";
 * const q = normal(key(0), [1, 32, 8]);
 * const buckets = lsh.hash(q, lsh.rotations(key(1), { groups: 1, width: 8, rounds: 2, sizes: [4] }), [4]);
 * const info = { ...lsh.sort(buckets, 4), buckets };
 * console.log(attention.joint({ q, k: null, v: q }, info, { chunkLength: 8 }).shape); // => [ 1, 32, 8 ]
 */
export const joint = (
  vectors: AttentionVectors,
  info: Indices,
  choices: Choices<JointAttentionOptions>,
): Value =>
  jointAttention(vectors, completeInfo(info, vectors.q), {
    ...paper,
    unitKeys: vectors.k ? null : 1e-6,
    masked: info.valid !== undefined,
    ...choices,
  });

function completeInfo(info: Indices, { shape: [groups, length] }: Value): AttentionInfo {
  for (const name of ["order", "inverse", "buckets"] as const) {
    if (info[name] !== undefined) continue;
    throw new ReformaxError(`info.${name} is missing`, {
      where: "attention",
      expected: "order, inverse and buckets, i32[groups, rounds, length]",
      fix: "lsh.sort gives order and inverse of the buckets that lsh.hash gives.",
    });
  }
  const valid = info.valid ?? full([groups, length], 1, "i32");
  return { ...info, valid, dropoutKey: info.dropoutKey ?? dropoutKeys(null, groups) };
}
