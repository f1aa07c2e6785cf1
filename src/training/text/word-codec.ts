import { checkKind, checkKinds } from "../../core/arguments.ts";
import { listOf } from "../../core/kinds.ts";
import { iterableOf } from "../value-kinds.ts";
import type { TextCodec } from "./codec.ts";

/** Bytes are the first 256 tokens, so that every text has some. */
const bytes = 256;
/** Bytes, and the tokens at the beginning and the end of a text. */
export const plainTokens = bytes + 2;

/** Runs of letters, digits or other marks, each with the space before it, and other white space: together they are the text. */
const pieces = / ?[\p{L}\p{M}]+| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s/gu;

const piecesOf = (text: string): readonly string[] => text.match(pieces) ?? [];

/**
 * The `count` words that texts hold most often, fewer where there are fewer; those that are as frequent in the order of their
 * characters. A word comes with the space before it. What is one byte anyway is none.
 *
 * @example
 * import { frequentWords } from "reformax/training";
 * console.log(frequentWords(["to be or not to be, that is to be"], 2)); // => [ ' be', ' to' ]
 */
export function frequentWords(texts: Iterable<string>, count: number): readonly string[] {
  checkKinds(
    { texts: [texts, iterableOf("texts", "text")], count: [count, "number"] },
    "frequentWords",
  );
  const counts = new Map<string, number>();
  for (const text of texts) {
    checkKinds({ "one of texts": [text, "text"] }, "frequentWords");
    for (const piece of piecesOf(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
  }
  return [...counts]
    .filter(([piece]) => new TextEncoder().encode(piece).length > 1)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, Math.max(0, count))
    .map(([piece]) => piece);
}

/**
 * Tokens of bytes and words: a word of the list is one token, everything else is its UTF-8 bytes. Without words it is a vocabulary of bytes.
 *
 * @param words - as {@link frequentWords} gives them
 * @example
 * import { wordCodec } from "reformax/training";
 * const { encode, decode, end, size } = wordCodec([" be", "to"]);
 * const tokens = encode("to be it");
 * console.log(tokens, size); // => [ 259, 258, 32, 105, 116 ] 260
 * console.log(decode([...tokens, end])); // => to be it
 */
export function wordCodec(words: readonly string[]): TextCodec {
  checkKinds({ words: [words, listOf("text")] }, "wordCodec");
  const encoder = new TextEncoder();
  const spelled = words.map((word) => encoder.encode(word));
  const tokenOf = new Map(words.map((word, i) => [word, plainTokens + i]));
  return {
    size: plainTokens + words.length,
    begin: bytes,
    end: bytes + 1,
    encode: (text) =>
      piecesOf(checkKind(text, "text", "text", "wordCodec.encode")).flatMap((piece) => {
        const token = tokenOf.get(piece);
        return token === undefined ? [...encoder.encode(piece)] : [token];
      }),
    decode: (tokens) => {
      checkKinds({ tokens: [tokens, iterableOf("tokens", "number")] }, "wordCodec.decode");
      const text = [...tokens].flatMap((token): readonly number[] =>
        token < bytes
          ? [token]
          : token < plainTokens
            ? []
            : [...(spelled[token - plainTokens] ?? [])],
      );
      return new TextDecoder().decode(Uint8Array.from(text));
    },
  };
}
