import type { HashingReport } from "reformax/training/worker";
import type { Choice } from "../state/state.ts";

/** One head's hashing in one round of one layer. */
export interface Hashing {
  readonly numBuckets: number;
  /** Bucket of each token. */
  readonly buckets: Int32Array;
  /** The tokens of each chunk, by bucket. */
  readonly chunks: readonly (readonly number[])[];
  /** Chunk of each token. */
  readonly chunkOf: readonly number[];
  /** The tokens that those of each chunk look at. */
  readonly seen: readonly (readonly number[])[];
}

/** The chosen part of a report; undefined where nothing is hashed. */
export function hashingOf(report: HashingReport, choice: Choice): Hashing | undefined {
  const found = report.layers.at(choice.layer);
  if (!found) return undefined;
  const { length, rounds, chunks, chunkLength, window, numBuckets } = report;
  const row = choice.head * rounds + choice.round;
  const part = (all: Int32Array, size: number): Int32Array =>
    all.subarray(row * size, (row + 1) * size);
  const cut = (all: Int32Array, size: number): number[][] =>
    Array.from({ length: chunks }, (_, chunk) =>
      Array.from(all.subarray(chunk * size, (chunk + 1) * size)).filter((token) => token >= 0),
    );
  const ofSlots = part(found.slots, length);
  return {
    numBuckets,
    buckets: part(found.buckets, length),
    chunks: cut(part(found.order, chunks * chunkLength), chunkLength),
    chunkOf: Array.from(ofSlots, (slot) => Math.floor(slot / chunkLength)),
    seen: cut(part(found.seen, chunks * window), window),
  };
}

/** The tokens that a token attends to: earlier ones of its bucket, in its chunk and those around. */
export const attendedBy = ({ buckets, chunkOf, seen }: Hashing, token: number): readonly number[] =>
  seen[chunkOf[token]].filter((other) => other < token && buckets[other] === buckets[token]);
