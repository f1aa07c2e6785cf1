/** `attention.chunked` and `attention.joint`: the primitives that local, LSH and full attention are made of. */
import { checkOptions, checkRecord, type KindsOf } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { ReformaxError, ShapeError } from "../../core/errors.ts";
import { orAbsent, orNull } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import { full } from "../../numpy/index.ts";
import { duplicatesKind, keepKind } from "./check-head.ts";
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
): readonly [out: Value, lse: Value] => {
  const where = "attention.chunked";
  checkVectors({ q, k, v }, where);
  checkArray(k, "f32", q.shape, "k", where);
  checkOptions(choices, choiceKinds, where);
  const complete = completeInfo(info, q, choices.pairs, where);
  return chunkedAttention(q, k, v, complete, withPaper(info, choices, q, where));
};

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
): Value => {
  const where = "attention.joint";
  checkRecord(vectors, { q: "array", k: "arrayOrNull", v: "array" }, "vectors", where);
  checkVectors(vectors, where);
  checkOptions(choices, { ...choiceKinds, unitKeys: orNull("finite") }, where);
  const complete = completeInfo(info, vectors.q, choices.pairs, where);
  const unitKeys = vectors.k ? null : 1e-6;
  return jointAttention(vectors, complete, {
    unitKeys,
    ...withPaper(info, choices, vectors.q, where),
  });
};

/** q, v, and k if there is one. */
function checkVectors({ q, k, v }: AttentionVectors, where: string): void {
  const [groups, length] = checkArray(q, "f32", ["N", "L", "d"], "q", where).shape;
  checkArray(v, "f32", [groups, length, "e"], "v", where);
  if (k) checkArray(k, "f32", q.shape, "k", where);
}

const choiceKinds: KindsOf<ChunkedAttentionOptions> = {
  chunkLength: "size",
  before: "count",
  after: "count",
  causal: "flag",
  sameBucket: "flag",
  selfMask: orNull("finite"),
  duplicates: duplicatesKind,
  circular: "flag",
  masked: "flag",
  pairs: "flag",
  scale: "finite",
  keepProbability: keepKind,
};

/** What the caller chose, before what the paper has. An option that is undefined is as good as left out. */
function withPaper<Options extends ChunkedAttentionOptions>(
  info: Indices,
  choices: Choices<Options>,
  { shape: [, length] }: Value,
  where: string,
): typeof paper & { readonly masked: boolean } & Choices<Options> {
  const { chunkLength } = choices;
  if (chunkLength === undefined || length % chunkLength !== 0) {
    throw new ShapeError("the chunk length does not divide the length", {
      where,
      expected: `chunkLength, a divisor of ${length}`,
      got: String(chunkLength),
      fix: "Pad the tokens to whole chunks and mask the padding.",
    });
  }
  const chosen = Object.entries(choices).filter(([, choice]) => choice !== undefined);
  const given = Object.fromEntries(chosen) as Choices<Options>;
  return { ...paper, masked: info.valid !== undefined, ...given };
}

const infoKinds: KindsOf<Indices> = {
  order: "array",
  inverse: "array",
  buckets: "array",
  valid: orAbsent("array"),
  dropoutKey: orAbsent("array"),
};

function completeInfo(
  info: Indices,
  { shape }: Value,
  pairs: boolean | undefined,
  where: string,
): AttentionInfo {
  const [groups, length] = shape;
  const ofKeys = pairs ? [groups, length, length] : [groups, length];
  requireSlots(info, where);
  checkRecord(info, infoKinds, "info", where);
  const [, rounds] = checkArray(
    info.order,
    "i32",
    [groups, "rounds", length],
    "info.order",
    where,
  ).shape;
  for (const name of ["inverse", "buckets"] as const) {
    checkArray(info[name], "i32", [groups, rounds, length], `info.${name}`, where);
  }
  const valid = info.valid ?? full(ofKeys, 1, "i32");
  const dropoutKey = info.dropoutKey ?? dropoutKeys(null, groups);
  checkArray(valid, "i32", ofKeys, "info.valid", where);
  checkArray(dropoutKey, "u32", [groups, 2], "info.dropoutKey", where);
  return { ...info, valid, dropoutKey };
}

/** What attention in chunks cannot do without says where it comes from. */
function requireSlots(info: Partial<Indices> | null | undefined, where: string): void {
  if (typeof info !== "object" || info === null) return;
  for (const name of ["order", "inverse", "buckets"] as const) {
    if (info[name] !== undefined) continue;
    throw new ReformaxError(`info.${name} is missing`, {
      where,
      expected: "order, inverse and buckets, i32[groups, rounds, length]",
      fix: "lsh.sort gives order and inverse of the buckets that lsh.hash gives.",
    });
  }
}
