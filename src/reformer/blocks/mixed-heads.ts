import type { Value } from "../../core/value.ts";
import { full, less } from "../../numpy/index.ts";
import { cond } from "../../transforms/index.ts";
import { attendHead } from "../attention/attention-head.ts";
import { bucketCount, bucketSizes } from "../attention/buckets.ts";
import { roundsOfHash } from "../attention/hash-tokens.ts";
import type { HeadContext, HeadOptions, HeadResult } from "../attention/head-options.ts";
import type { AttentionVectors } from "../attention/joint-attention.ts";

/** Heads of a layer that attend locally, with the window and the keys of their own; they are the first ones. */
export interface LocalHeads extends Pick<
  HeadOptions,
  "chunkLength" | "before" | "after" | "queryKey"
> {
  readonly heads: number;
}

type Attend = (
  vectors: AttentionVectors,
  context: HeadContext,
  saved: Value | null,
  head: Value | null,
) => HeadResult;

/** How the heads of a block attend: all alike, or the first ones locally. Only one of both ways is computed for a head. */
export function mixedHeads(options: HeadOptions & { readonly localHeads?: LocalHeads }): Attend {
  const { localHeads } = options;
  if (!localHeads) {
    return (vectors, context, saved) => attendHead(vectors, options, context, saved);
  }
  const { heads } = localHeads;
  const local = localOptions(options, localHeads);
  return (vectors, context, saved, head) => {
    if (head === null) return attendHead(vectors, options, context, saved);
    const hashed = (given: AttentionVectors): HeadResult =>
      attendHead(given, options, context, saved);
    const nearby = (given: AttentionVectors): HeadResult => ({
      ...attendHead(
        given,
        local,
        { ...context, rotary: null, rotations: null, buckets: null, bucketShuffle: null },
        null,
      ),
      buckets: noBuckets(vectors.q, options, context, saved),
    });
    return cond(less(head, heads), nearby, hashed, vectors);
  };
}

/** How the local ones of mixed heads attend. */
export function localOptions(
  options: HeadOptions,
  { heads: _heads, ...window }: LocalHeads,
): HeadOptions {
  // Windows end where the text does: such heads are lucidrains', where only hashed chunks form a ring.
  const straight = { ...options.conventions, circular: false };
  return { ...options, ...window, kind: "local", conventions: straight };
}

/** Buckets as a head that hashes would have them, of no token; null where it would not hash. */
function noBuckets(
  { shape: [groups, length] }: Value,
  options: HeadOptions,
  { rotations, buckets = null }: HeadContext,
  saved: Value | null,
): Value | null {
  const { kind, chunkLength, wholeUpTo = chunkLength } = options;
  if (kind !== "lsh" || length <= wholeUpTo) return null;
  const given = saved ?? buckets;
  const rounds = given ? given.shape[1] : roundsOfHash(options, rotations?.shape[2] ?? 1);
  const padded = Math.ceil(length / chunkLength) * chunkLength;
  return full([groups, rounds, padded], bucketCount(bucketSizes(options, length)), "i32");
}
