import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { decodeUtf8 } from "../../../edge/json.ts";
import { unlessProblems, type Problem, type Validated } from "../../../edge/problem.ts";
import { collectIds } from "../collect-ids.ts";
import { mostIds, type Tokenizer } from "../tokenizer.ts";
import { cached } from "../word-cache.ts";
import { alphabetOf, escapeToken, joinTokens, tokensOf, unescapeTokens } from "./escape.ts";

const where = "subwords";

/** Ids 0 and 1 pad and end a text: no text is made of them. */
const reserved = 2;

/** Whether bytes begin as a vocabulary of subwords does: with a line in quotes. */
export const looksLikeSubwords = (bytes: Uint8Array): boolean => {
  const [first] = bytes;
  return first === quotes[0] || first === quotes[1];
};

const quotes = [0x27, 0x22];

/**
 * A vocabulary of trax and tensor2tensor (`.subwords`): a line for each id, in quotes. Tokens are spelled by the longest subwords, from the
 * left. Time and memory are linear in the bytes.
 *
 * @see https://github.com/tensorflow/tensor2tensor/blob/master/tensor2tensor/data_generators/text_encoder.py
 */
export const readSubwords = (bytes: Uint8Array): Validated<Tokenizer> =>
  pipe(
    decodeUtf8(bytes, where),
    E.map((text) => text.replace(/\n$/, "").split("\n").map(unquoted)),
    E.chain((subwords) => unlessProblems(problemsOf(subwords), () => subwordTokenizer(subwords))),
  );

const unquoted = (line: string): string => {
  const text = line.trimEnd();
  const [first, last] = [text.at(0), text.at(-1)];
  const quoted = text.length >= 2 && first === last && (first === "'" || first === '"');
  return quoted ? text.slice(1, -1) : text;
};

/** Code units of a subword: the longest is looked for at every place of a text. */
const longestSubword = 1024;

function problemsOf(subwords: readonly string[]): readonly Problem[] {
  const tooLong = subwords.findIndex((subword) => subword.length > longestSubword);
  const known = new Set(subwords);
  const lacking = [...spelledWith(subwords)].filter((character) => !known.has(character));
  return [
    ...(subwords.length <= mostIds
      ? []
      : [{ where, problem: "has more lines than ids of two bytes", got: String(subwords.length) }]),
    ...(tooLong < 0 ? [] : [{ where: `${where}: line ${tooLong + 1}`, problem: "is too long" }]),
    ...(lacking.length === 0
      ? []
      : [
          {
            where,
            problem: "lacks what every token can be spelled with",
            expected: "a line for each character of the others, and of escapes",
            got: `none for ${lacking.slice(0, 5).join(" ")}`,
          },
        ]),
  ];
}

const spelledWith = (subwords: readonly string[]): ReadonlySet<string> =>
  alphabetOf(subwords.slice(reserved));

function subwordTokenizer(subwords: readonly string[]): Tokenizer {
  const alphabet = spelledWith(subwords);
  const idOf = new Map(subwords.map((subword, id) => [subword, id]));
  const longest = subwords.reduce((most, subword) => Math.max(most, subword.length), 0);
  const encodeToken = cached((token) =>
    Uint16Array.from(longestSubwords(escapeToken(token, alphabet), idOf, longest)),
  );
  return {
    kind: "subwords",
    size: subwords.length,
    encode: (text) => {
      const ids = collectIds(text.length);
      for (const token of tokensOf(text)) ids.add(encodeToken(token));
      return ids.all();
    },
    decode: (ids) => {
      const escaped = Array.from(ids, (id) => (id < reserved ? "" : (subwords[id] ?? "")));
      return joinTokens(unescapeTokens(escaped.join("")));
    },
  };
}

function longestSubwords(
  escaped: string,
  idOf: ReadonlyMap<string, number>,
  longest: number,
): readonly number[] {
  const ids: number[] = [];
  for (let at = 0; at < escaped.length;) {
    let end = Math.min(at + longest, escaped.length);
    // A character is a subword by itself, of one or two code units.
    while (!idOf.has(escaped.slice(at, end)) && end > at + 1) end--;
    ids.push(idOf.get(escaped.slice(at, end)) ?? 0);
    at = end;
  }
  return ids;
}
