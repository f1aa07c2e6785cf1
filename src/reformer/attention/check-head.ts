/** Clear errors for what `attendHead` and attention half-blocks are given. */
import { checkKind, checkPartsOf, type KindsOf } from "../../core/arguments.ts";
import { checkArray } from "../../core/check-array.ts";
import { orAbsent, type Kind } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import { requireKey } from "../../random/key.ts";
import { bucketSizes, isBucketFactor } from "./buckets.ts";
import type { Conventions } from "./conventions.ts";
import type { HeadContext, HeadOptions } from "./head-options.ts";
import type { AttentionVectors } from "./joint-attention.ts";

const bucketKind: Kind = {
  expected: '"auto", or a list of positive even numbers',
  is: (x) => x === "auto" || (Array.isArray(x) && x.length > 0 && x.every(isBucketFactor)),
};

/** Of an attention weight to survive dropout. */
export const keepKind: Kind = {
  expected: "a number above 0 and below 1, or null for no dropout",
  is: (x) => x === null || (typeof x === "number" && x > 0 && x < 1),
};

export const duplicatesKind: Kind = {
  expected: 'true, false or "sameRound"',
  is: (x) => typeof x === "boolean" || x === "sameRound",
};

export const headKinds: KindsOf<HeadOptions> = {
  kind: ["lsh", "local", "full"],
  causal: "flag",
  queryKey: orAbsent(["shared", "separate"]),
  chunkLength: "size",
  before: "count",
  after: "count",
  buckets: bucketKind,
  powersUpTo: orAbsent("size"),
  centred: orAbsent("flag"),
  hashMasked: orAbsent("flag"),
  bestBuckets: {
    expected: "an integer of 1 or more, true or false, or nothing",
    is: (x) => x === undefined || typeof x === "boolean" || (Number.isInteger(x) && Number(x) >= 1),
  },
  hashDropout: orAbsent("rate"),
  wholeUpTo: orAbsent("count"),
  maskedQueries: orAbsent(["others", "self", "mean", "window"]),
  keepProbability: keepKind,
  conventions: "object",
};

const conventionKinds: KindsOf<Conventions> = {
  logitScale: ["unit", "inverseSqrt"],
  keyEpsilon: "finite",
  sameBucket: "flag",
  duplicates: duplicatesKind,
  selfMask: "number",
  circular: "flag",
  beyondRing: orAbsent(["own"]),
  bucketsPerChunk: [1, 2],
  merge: ["concatenate", "mean"],
  normEpsilon: "finite",
};

export const checkConventions = (conventions: Conventions, what: string, where: string): void => {
  checkPartsOf(conventions, conventionKinds, what, where);
};

/** The arguments of `attendHead`; where a half-block calls it they have been looked at already, but for shapes. */
export function checkHead(
  vectors: AttentionVectors,
  options: HeadOptions,
  context: HeadContext,
  savedBuckets: Value | null,
  where = "attendHead",
): void {
  checkPartsOf(options, headKinds, "options", where);
  checkConventions(options.conventions, "options.conventions", where);
  checkPartsOf(vectors, { q: "array", k: orAbsent("arrayOrNull"), v: "array" }, "vectors", where);
  const { q, k, v } = vectors;
  const [groups, length, width] = checkArray(q, "f32", ["N", "L", "d"], "q", where).shape;
  checkArray(v, "f32", [groups, length, "e"], "v", where);
  if (k) checkArray(k, "f32", [groups, length, width], "k", where);
  checkPartsOf(context, contextKinds, "context", where);
  const { valid, pairs, rotary, hashKey, dropoutKey, rotations, buckets, bucketShuffle } = context;
  if (valid) checkArray(valid, "i32", [groups, length], "context.valid", where);
  if (dropoutKey) requireKey(dropoutKey, where);
  if (hashKey) requireKey(hashKey, where);
  if (pairs) checkArray(pairs, "i32", [groups, "Lq", "Lk"], "context.pairs", where);
  if (rotary) checkArray(rotary, "f32", ["P", width], "context.rotary", where);
  if (rotations) {
    const half = bucketSizes(options, length).reduce((sum, size) => sum + size, 0) / 2;
    const sizes = ["G", width, "rounds", options.kind === "lsh" ? half : "half"];
    checkArray(rotations, "f32", sizes, "context.rotations", where);
  }
  // Of the tokens: a model may have put padding behind them.
  const upTo = (count: number | undefined): number => Math.min(count ?? length, length);
  if (buckets) {
    const sizes = [groups, "rounds", upTo(buckets.shape[2])];
    checkArray(buckets, "i32", sizes, "context.buckets", where);
  }
  if (bucketShuffle) {
    const sizes = [upTo(bucketShuffle.shape[0])];
    checkArray(bucketShuffle, "i32", sizes, "context.bucketShuffle", where);
  }
  checkKind(savedBuckets, orAbsent("arrayOrNull"), "savedBuckets", where);
  if (!savedBuckets) return;
  const { chunkLength } = options;
  const padded = Math.ceil(length / chunkLength) * chunkLength;
  checkArray(savedBuckets, "i32", [groups, "rounds", padded], "savedBuckets", where);
}

const absentOrNull = orAbsent("arrayOrNull");

const contextKinds: KindsOf<HeadContext> = {
  valid: absentOrNull,
  pairs: absentOrNull,
  queries: orAbsent("count"),
  rotary: absentOrNull,
  hashKey: absentOrNull,
  rotations: absentOrNull,
  dropoutKey: absentOrNull,
  bucketShuffle: absentOrNull,
  buckets: absentOrNull,
};
