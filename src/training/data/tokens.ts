import { checkKinds } from "../../core/arguments.ts";
import * as E from "fp-ts/lib/Either.js";
import { invalid, orThrow, type Validated } from "../../edge/problem.ts";
import { musicVocabulary } from "../music/events.ts";
import { musicFrom } from "../music/midi.ts";
import type { Tokenizer } from "../../interop/index.ts";
import { encodeData } from "./encode-data.ts";

/** The tokens of a text: its bytes, or ids of a vocabulary of up to 65,536. */
export type Tokens = Uint8Array | Uint16Array;

/**
/**
 * How data hold tokens: every byte is one, or every two bytes (the lower one first) are an id, or they are MIDI files, whose events are
 * ids below 388, or a text, of which a tokenizer makes ids.
 */
export type TokenFormat = "bytes" | "u16le" | "midi" | "text";

const formats: readonly TokenFormat[] = ["bytes", "u16le", "midi", "text"];

/** What a token of a format is called. */
export type TokenUnit = "byte" | "token";

export const unitOf = (format: TokenFormat): TokenUnit => (format === "bytes" ? "byte" : "token");

/** Stands where a window has no token: such a position is not attended to, and such a target counts nothing. */
export const noToken = -1;

/**
 * The tokens that data hold.
 *
 * @param tokenizer - for a text: what makes ids of it
 * @returns the tokens, or a problem: half an id at the end, an id outside of the vocabulary, or no tokenizer for a text
 * @example
 * import * as E from "fp-ts/lib/Either.js";
 * import { tokensFrom } from "reformax/training";
 * console.log(tokensFrom(Uint8Array.of(1, 1, 5, 0), "u16le", 320)); // => { _tag: 'Right', right: Uint16Array(2) [ 257, 5 ] }
 */
export function tokensFrom(
  data: Uint8Array,
  format: TokenFormat,
  vocabulary: number,
  tokenizer?: Tokenizer,
): Validated<Tokens> {
  checkKinds(
    {
      data: [data, "bytes"],
      format: [format, formats],
      vocabulary: [vocabulary, "size"],
    },
    "tokensFrom",
  );
  if (format === "bytes") return E.right(data);
  if (format === "midi") return musicTokens(data, vocabulary);
  if (format === "text") return encodeData(data, vocabulary, tokenizer);
  const where = "--data";
  if (data.length % 2 !== 0) {
    const expected = "two bytes for each id (data.tokens is u16le)";
    return invalid({ where, problem: "ends in half an id", expected, got: `${data.length} bytes` });
  }
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const ids = Uint16Array.from({ length: data.length / 2 }, (_, i) => view.getUint16(2 * i, true));
  const at = ids.findIndex((id) => id >= vocabulary);
  if (at < 0) return E.right(ids);
  return invalid({
    where,
    problem: "an id is not in the vocabulary",
    expected: `ids below ${vocabulary}, model.vocabulary`,
    got: `${ids[at]} at position ${at}`,
  });
}

const musicTokens = (data: Uint8Array, vocabulary: number): Validated<Tokens> =>
  vocabulary >= musicVocabulary
    ? musicFrom(data)
    : invalid({
        where: "model.vocabulary",
        problem: "has no room for all events of music",
        expected: `at least ${musicVocabulary}`,
        got: String(vocabulary),
      });

/**
 * {@link tokensFrom}, throwing.
 *
 * @throws InputError for half an id at the end, an id outside of the vocabulary, or no tokenizer for a text
 * @example
 * import { tokensFromOrThrow } from "reformax/training";
 * console.log(tokensFromOrThrow(Uint8Array.of(1, 1, 5, 0), "u16le", 320)); // => Uint16Array(2) [ 257, 5 ]
 */
export const tokensFromOrThrow = (
  data: Uint8Array,
  format: TokenFormat,
  vocabulary: number,
  tokenizer?: Tokenizer,
): Tokens => orThrow(tokensFrom(data, format, vocabulary, tokenizer));

/** The memory of tokens, to tell data apart by. */
export const bytesOf = (tokens: Tokens): Uint8Array =>
  new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
