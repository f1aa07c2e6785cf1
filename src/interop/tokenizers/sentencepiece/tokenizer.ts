import { collectIds } from "../collect-ids.ts";
import type { Tokenizer } from "../tokenizer.ts";
import { cached } from "../word-cache.ts";
import { bpe } from "./bpe.ts";
import type { Piece, SentencePieceModel } from "./model.ts";
import { normalize, spaceMark } from "./normalize.ts";
import { unigram } from "./unigram.ts";
import { wordSplit, type WordSplit } from "./words.ts";

/** What sentencepiece writes for the unknown. */
const unknownText = " \u2047 ";

/**
 * A tokenizer of a sentencepiece model. Names of control pieces within a text are these pieces, as in HuggingFace's.
 *
 * @param split - cuts texts into parts that are encoded by themselves; any that cuts where no piece reaches across gives the same ids
 */
export async function sentencePieceTokenizer(
  model: SentencePieceModel,
  split: (pieces: readonly Piece[]) => WordSplit = wordSplit,
): Promise<Tokenizer> {
  const { pieces, unknown, normalizer } = model;
  const encodeWord = cached(model.algorithm === "unigram" ? unigram(model) : await bpe(model));
  const words = split(pieces);
  const marks = new Map(
    pieces.flatMap(({ text, type }, id) =>
      type === "control" || type === "unknown" ? [[text, id] as const] : [],
    ),
  );
  const longestFirst = [...marks.keys()].sort((a, b) => b.length - a.length);
  const atMarks = new RegExp(`(${longestFirst.map(escapeRegExp).join("|")})`, "u");
  return {
    kind: "sentencepiece",
    size: pieces.length,
    encode: (text) => {
      const ids = collectIds(text.length);
      for (const section of text.split(atMarks)) {
        const mark = marks.get(section);
        if (mark !== undefined) ids.add([mark]);
        else {
          let endsUnknown = false;
          for (const word of words(normalize(section, normalizer))) {
            const own = encodeWord(word);
            // Of several unknown in a row, one is left.
            const again = endsUnknown && own[0] === unknown;
            ids.add(again ? own.subarray(1) : own);
            endsUnknown = own.length > 0 ? own[own.length - 1] === unknown : endsUnknown;
          }
        }
      }
      return ids.all();
    },
    decode: (ids) => decodePieces(model, ids),
  };
}

const escapeRegExp = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");

/** The text of ids. */
export function decodePieces(
  { pieces, normalizer }: SentencePieceModel,
  ids: Iterable<number>,
): string {
  const encoder = new TextEncoder();
  const bytes: number[] = [];
  for (const id of ids) {
    const piece = pieces[id] as Piece | undefined;
    if (piece === undefined || piece.type === "control") continue;
    if (piece.type === "byte") bytes.push(Number(piece.text.slice(1, -1)));
    else bytes.push(...encoder.encode(piece.type === "unknown" ? unknownText : piece.text));
  }
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  const spaced = text.replaceAll(spaceMark, " ");
  return normalizer.addsPrefix && spaced.startsWith(" ") ? spaced.slice(1) : spaced;
}
