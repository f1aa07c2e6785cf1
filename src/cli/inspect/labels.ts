/** How tokens are shown: bytes as characters, of which the first byte has the character and the others nothing; ids as numbers. */
export function labelsOf(tokens: ArrayLike<number>, areBytes: boolean): readonly string[] {
  if (!areBytes) return Array.from(tokens, (id) => `${id} `);
  const labels = Array<string>(tokens.length).fill("");
  const bytes = Uint8Array.from(tokens);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let at = 0; at < bytes.length;) {
    const length = lengthOf(bytes[at]);
    try {
      labels[at] = decoder.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      // Half a character, or no text.
      labels[at] = "\uFFFD";
      at += 1;
    }
  }
  return labels;
}

/** Bytes of a character in UTF-8, by its first one. */
const lengthOf = (first: number): number =>
  first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
