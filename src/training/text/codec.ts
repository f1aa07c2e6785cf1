/** What turns texts into tokens and back. A tokenizer of whatever kind fits in here. */
export interface TextCodec {
  /** Number of tokens, those of {@link begin} and {@link end} included. */
  readonly size: number;
  /** The token before a text. */
  readonly begin: number;
  /** The token behind a text. */
  readonly end: number;
  readonly encode: (text: string) => readonly number[];
  /** Tokens that are no part of a text, such as `begin`, are left out. */
  readonly decode: (tokens: Iterable<number>) => string;
}
