/** Which file, or which fixed rule, a tokenizer comes from. */
export type TokenizerKind = "tokenizer.json" | "sentencepiece" | "subwords" | "bytes+2";

/** Text to ids of a vocabulary, and back. */
export interface Tokenizer {
  readonly kind: TokenizerKind;
  /** Number of ids: all are below. */
  readonly size: number;
  /** The ids of a text, without marks for its beginning or end. */
  readonly encode: (text: string) => Uint16Array;
  /** The text of ids. Ids that are no part of a text, such as its end, are left out; parts of characters are U+FFFD. */
  readonly decode: (ids: Iterable<number>) => string;
  /** The ids of bytes that need not be a text, where there are such. */
  readonly encodeBytes?: (bytes: Uint8Array) => Uint16Array;
}

/** Ids are two bytes. */
export const mostIds = 65_536;
