import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { checkKind } from "../../core/arguments.ts";
import { parseJsonBytes } from "../../edge/json.ts";
import { invalid, orThrowFrom, type Validated } from "../../edge/problem.ts";
import { checkedTokenizer } from "./checked.ts";
import { checkTokenizerJson } from "./json/check.ts";
import { jsonTokenizer } from "./json/tokenizer.ts";
import { looksLikeModel, readModel } from "./sentencepiece/model.ts";
import { sentencePieceTokenizer } from "./sentencepiece/tokenizer.ts";
import { looksLikeSubwords, readSubwords } from "./subwords/tokenizer.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** A brace, white space, or the mark of UTF-8. */
const looksLikeJson = ([first]: Uint8Array): boolean =>
  first === 0x7b || first === 0x20 || first === 0x0d || first === 0xef;

/** What a file says, before the library is loaded that computes by it. */
export interface TokenizerFile extends Pick<Tokenizer, "kind" | "size"> {
  readonly open: () => Promise<Tokenizer>;
}

/** What a file says of a tokenizer. */
export const readTokenizer = (bytes: Uint8Array): Validated<TokenizerFile> => {
  if (looksLikeSubwords(bytes)) {
    return pipe(
      readSubwords(bytes),
      E.map((tokenizer) => ({ ...tokenizer, open: () => Promise.resolve(tokenizer) })),
    );
  }
  if (looksLikeModel(bytes)) {
    return pipe(
      readModel(bytes),
      E.map((model) => ({
        kind: "sentencepiece",
        size: model.pieces.length,
        open: () => sentencePieceTokenizer(model),
      })),
    );
  }
  if (looksLikeJson(bytes)) {
    return pipe(
      parseJsonBytes(bytes, "tokenizer.json"),
      E.chain(checkTokenizerJson),
      E.map((checked) => ({
        kind: "tokenizer.json",
        size: checked.size,
        open: () => jsonTokenizer(checked),
      })),
    );
  }
  return invalid({
    where: "tokenizer",
    problem: "is none that is known",
    expected:
      "a tokenizer.json, a .model of sentencepiece, or a .subwords of trax, whose lines are in quotes",
    got: bytes.length === 0 ? "no bytes" : `a first byte of ${bytes[0]}`,
  });
};

/**
 * A tokenizer from its file: HuggingFace's `tokenizer.json`, a `.model` of sentencepiece (unigram or BPE), or a `.subwords` of trax and
 * tensor2tensor; what it is shows in its bytes. Up to 65,536 ids. All of it is pure JavaScript, which is loaded with the first tokenizer.
 *
 * @param file - its bytes; a tokenizer.json holds regular expressions, and a bad one can take for ever: load what you trust
 * @throws InputError when it is none, is damaged, or asks for what is not supported: all that is wrong at once
 * @example
 * import { loadTokenizer } from "reformax/interop";
 * const vocab = { "?": 0, to: 1, be: 2, "##fore": 3 };
 * const model = { type: "WordPiece", unk_token: "?", continuing_subword_prefix: "##", vocab };
 * const file = JSON.stringify({ model, pre_tokenizer: { type: "Whitespace" }, decoder: { type: "WordPiece", prefix: "##" } });
 * const tokenizer = await loadTokenizer(new TextEncoder().encode(file));
 * const ids = tokenizer.encode("to be before");
 * console.log(tokenizer.size, [...ids], tokenizer.decode(ids)); // => 4 [ 1, 2, 2, 3 ] to be before
 * @see https://github.com/huggingface/tokenizers.js
 */
export async function loadTokenizer(file: Uint8Array): Promise<Tokenizer> {
  const where = "loadTokenizer";
  checkKind(file, "bytes", "the file", where);
  return checkedTokenizer(await orThrowFrom(where)(readTokenizer(file)).open());
}
