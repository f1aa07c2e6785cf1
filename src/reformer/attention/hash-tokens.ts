import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import {
  broadcastInDim,
  gather,
  iota,
  pad,
  slice,
  sliceInDim,
  stopGradient,
} from "../../lax/index.ts";
import { concatenate, fullLike, less, notEqual, where } from "../../numpy/index.ts";
import { dropout } from "../../nn/index.ts";
import { bestBuckets } from "./best-buckets.ts";
import { deviations } from "./centring.ts";
import { rollTokens } from "./extra-keys.ts";
import type { HeadContext, HeadOptions } from "./head-options.ts";
import { hash } from "./lsh.ts";

interface Hashable {
  /** f32[N, padded, width] */
  readonly q: Value;
  /** i32[N, padded] */
  readonly valid: Value;
  readonly sizes: readonly number[];
  readonly numBuckets: number;
  /** Tokens without padding. */
  readonly length: number;
  /** Keys behind the queries. */
  readonly extra: number;
}

/** Buckets i32[N, rounds, padded]: padding, and unless they are to be hashed masked tokens, have one of their own behind all others. */
export function hashTokens(hashable: Hashable, options: HeadOptions, context: HeadContext): Value {
  const { valid, numBuckets, length } = hashable;
  const { bucketShuffle, buckets: given } = context;
  const [, padded] = valid.shape;
  const hashed = given ? padBuckets(given, padded) : angularHash(hashable, options, context);
  const buckets = bucketShuffle ? shuffleTokens(hashed, bucketShuffle) : hashed;
  if (options.hashMasked && padded === length) return buckets;
  const isReal = options.hashMasked
    ? less(iota("i32", valid.shape, 1), length)
    : notEqual(valid, 0);
  return where(
    broadcastInDim(isReal, buckets.shape, [0, 2]),
    buckets,
    fullLike(buckets, numBuckets),
  );
}

/** Rounds of a head with rotations of so many. */
export const roundsOfHash = (
  { bestBuckets: best }: Pick<HeadOptions, "bestBuckets">,
  rotations: number,
): number => (typeof best === "number" ? best : rotations);

function angularHash(hashable: Hashable, options: HeadOptions, context: HeadContext): Value {
  const { rotations } = context;
  if (!rotations) {
    throw new ReformaxError("lsh attention needs rotations", {
      where: "attendHead",
      expected: "context.rotations of lsh.rotations, or context.buckets",
      got: "neither",
    });
  }
  const x = stopGradient(dropForHash(centred(hashable, options), options, context));
  return bucketsBy(x, stopGradient(rotations), hashable.sizes, options);
}

/** Buckets i32[N, rounds, L] of vectors f32[N, L, width]: those of the rotations, or the best ones of the first. */
export function bucketsBy(
  x: Value,
  rotation: Value,
  sizes: readonly number[],
  options: Pick<HeadOptions, "bestBuckets">,
): Value {
  if (!options.bestBuckets) return hash(x, rotation, sizes);
  if (sizes.length > 1) {
    throw new ReformaxError("the best buckets are those of a hash with one factor", {
      where: "attention",
      expected: "one bucket count",
      got: `the factors [${sizes.join(", ")}]`,
      fix: "Give the number of buckets as one even number, or rounds with rotations of their own.",
    });
  }
  const count = roundsOfHash(options, rotation.shape[2]);
  return bestBuckets(x, sliceInDim(rotation, 0, 1, 2), count);
}

/** Keys that all queries may see come first where means run: nothing may lead from a later query through them to an earlier one. */
function centred({ q, valid, extra }: Hashable, { centred: is, causal }: HeadOptions): Value {
  if (!is) return q;
  if (!causal || extra === 0) return deviations(q, valid, causal);
  return rollTokens(
    deviations(rollTokens(q, 1, extra), rollTokens(valid, 1, extra), true),
    1,
    -extra,
  );
}

function dropForHash(x: Value, { hashDropout = 0 }: HeadOptions, { hashKey }: HeadContext): Value {
  return hashKey && hashDropout > 0 ? dropout(hashKey, hashDropout, x) : x;
}
/** i32[N, rounds, L] up to the padded length; what stands behind is no token. */
const padBuckets = (given: Value, padded: number): Value =>
  given.shape[2] === padded ? given : pad(given, 0, [0, 0, 0], [0, 0, padded - given.shape[2]]);

/** buckets[n, r, p[i]] at token i; tokens behind the permutation's (padding) keep theirs. */
function shuffleTokens(buckets: Value, permutation: Value): Value {
  const [groups, rounds, length] = buckets.shape;
  const rest = slice(iota("i32", [length], 0), permutation.shape, [length]);
  const all = concatenate([permutation, rest], 0);
  return gather(buckets, broadcastInDim(all, [groups, rounds, length], [2]), 2);
}
