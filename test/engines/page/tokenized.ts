/** By the names of tokenizers: texts, their ids, and what these are decoded as. */
export type TokenizedTexts = Readonly<Record<string, readonly TokenizedText[]>>;

export interface TokenizedText {
  readonly text: string;
  readonly ids: readonly number[];
  readonly decoded: string;
}
