/** How a token, a byte of UTF-8, is shown and said. */
export interface TokenLabel {
  /** The character that it begins; a dot where it goes on with one. */
  readonly glyph: string;
  readonly spoken: string;
}

const special: Readonly<Record<string, TokenLabel>> = {
  "\n": { glyph: "↵", spoken: "new line" },
  "\t": { glyph: "→", spoken: "tab" },
  " ": { glyph: " ", spoken: "space" },
};

const isContinuation = (byte: number): boolean => byte >= 0x80 && byte < 0xc0;

/** One label for each byte. */
export function labelsOf(bytes: Uint8Array): readonly TokenLabel[] {
  const decoder = new TextDecoder();
  return Array.from(bytes, (byte, at): TokenLabel => {
    if (isContinuation(byte)) return { glyph: "·", spoken: `byte ${byte}` };
    let end = at + 1;
    while (end < bytes.length && isContinuation(bytes[end])) end++;
    const character = decoder.decode(bytes.subarray(at, end));
    return special[character] ?? labelOf(character, byte);
  });
}

const labelOf = (character: string, byte: number): TokenLabel =>
  byte < 0x20 || character === "\u{7f}" || character === "\u{fffd}"
    ? { glyph: "□", spoken: `byte ${byte}` }
    : { glyph: character, spoken: character };
