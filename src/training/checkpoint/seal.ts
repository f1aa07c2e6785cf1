import type { Digest } from "./format.ts";

/*
 * A file that holds its own SHA-256 in its header: taken over the file with zeros in the place of the checksum's digits.
 */

/** What stands in the metadata until the file is sealed. */
export const blankChecksum = "0".repeat(64);

export const checksumKey = "reformax.sha256";

/** Writes the checksum into a file that has {@link blankChecksum} in its metadata. */
export function seal(bytes: Uint8Array, digest: Digest): Uint8Array {
  const at = digitsAt(bytes, blankChecksum);
  const sealed = Uint8Array.from(bytes);
  sealed.set(encode(digest(bytes)), at);
  return sealed;
}

/** Whether no byte of the file has changed since it was sealed with `checksum`. */
export function isIntact(bytes: Uint8Array, checksum: string, digest: Digest): boolean {
  const at = digitsAt(bytes, checksum);
  if (at < 0 || checksum.length !== blankChecksum.length) return false;
  const blank = Uint8Array.from(bytes);
  blank.set(encode(blankChecksum), at);
  return digest(blank) === checksum;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Where the digits of the checksum begin in the file, or -1. */
function digitsAt(bytes: Uint8Array, digits: string): number {
  const before = encode(`${JSON.stringify(checksumKey)}:"`);
  const sought = encode(digits);
  const pattern = Uint8Array.of(...before, ...sought);
  for (let at = bytes.indexOf(pattern[0]); at >= 0; at = bytes.indexOf(pattern[0], at + 1)) {
    if (pattern.every((byte, i) => bytes[at + i] === byte)) return at + before.length;
  }
  return -1;
}
