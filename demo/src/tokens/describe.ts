import { attendedBy, type Hashing } from "./hashing.ts";
import type { TokenLabel } from "./labels.ts";

/** What there is to say about one token. */
export function describeToken(
  hashing: Hashing,
  labels: readonly TokenLabel[],
  token: number,
): string {
  const { buckets, chunkOf, seen, numBuckets } = hashing;
  return (
    `Token ${token}, “${labels[token].spoken}”: bucket ${buckets[token]} of ${numBuckets}, chunk ${chunkOf[token]}. ` +
    `It looks at the ${seen[chunkOf[token]].length} tokens of its chunk${chunkOf[token] === 0 ? "" : " and the one before"}, and attends to ` +
    `${attendedInWords(attendedBy(hashing, token).length)}.`
  );
}

function attendedInWords(count: number): string {
  if (count === 0) return "itself alone, as none of its bucket comes earlier there";
  return count === 1
    ? "the one of its bucket that comes earlier"
    : `the ${count} of its bucket that come earlier`;
}

/** What there is to say about all of them. */
export function describeHashing({ buckets, numBuckets, chunks }: Hashing): string {
  const counts = new Array<number>(numBuckets).fill(0);
  for (const bucket of buckets) counts[bucket]++;
  const used = counts.filter((count) => count > 0).length;
  const largest = Math.max(...counts);
  return (
    `${buckets.length} tokens in ${used} of ${numBuckets} buckets, the largest of ${largest} ` +
    `(bucket ${counts.indexOf(largest)}), cut into ${chunks.length} chunks.`
  );
}
