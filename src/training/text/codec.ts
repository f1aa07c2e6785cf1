import { namedKinds, type Kind } from "../../core/kinds.ts";

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

const parts: Readonly<Record<keyof TextCodec, Kind>> = {
  size: namedKinds.size,
  begin: namedKinds.count,
  end: namedKinds.count,
  encode: namedKinds.function,
  decode: namedKinds.function,
};

export const codecKind: Kind = {
  expected: "a codec of texts, { size, begin, end, encode, decode }",
  is: (x) =>
    typeof x === "object" &&
    x !== null &&
    Object.entries(parts).every(([name, { is }]) =>
      is((x as Readonly<Record<string, unknown>>)[name]),
    ),
};
