import { libraryTokenizer } from "../library.ts";
import type { Piece, SentencePieceModel } from "./model.ts";

/**
 * Pieces by merging the two whose piece has the highest score, again and again, as the library does it.
 *
 * @see Sennrich, Haddow, Birch 2016, Neural Machine Translation of Rare Words with Subword Units
 */
export async function bpe({
  pieces,
  unknown,
}: SentencePieceModel): Promise<(text: string) => Uint16Array> {
  const { encode } = await libraryTokenizer({
    model: {
      type: "BPE",
      vocab: Object.fromEntries(pieces.map((piece, id) => [nameOf(piece, id), id])),
      merges: mergesOf(pieces),
      unk_token: nameOf(pieces[unknown], unknown),
      fuse_unk: true,
      byte_fallback: pieces.some(({ type }) => type === "byte"),
    },
  });
  return (text) => Uint16Array.from(encode(text));
}

/** Pieces that no text spells have names that no text is. */
const nameOf = ({ text, type }: Piece, id: number): string =>
  type === "control" || type === "unknown" ? `\0${id}` : text;

/** A piece comes from any two of which it consists; the piece of the highest score first. */
function mergesOf(pieces: readonly Piece[]): readonly (readonly [string, string])[] {
  const normal = pieces.filter(({ type }) => type === "normal");
  const known = new Set(normal.map(({ text }) => text));
  return [...normal]
    .sort((a, b) => b.score - a.score)
    .flatMap(({ text }) =>
      cutsOf(text).filter(([left, right]) => known.has(left) && known.has(right)),
    );
}

/** Both parts of a text, cut at each character. */
const cutsOf = (text: string): readonly (readonly [string, string])[] => {
  const characters = Array.from(text);
  let at = 0;
  return characters.slice(0, -1).map((character) => {
    at += character.length;
    return [text.slice(0, at), text.slice(at)] as const;
  });
};
