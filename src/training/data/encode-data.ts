import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import { decodeUtf8 } from "../../edge/json.ts";
import { invalid, type Validated } from "../../edge/problem.ts";
import type { Tokenizer } from "../../interop/index.ts";

/** The ids of a text, all of which a model of so many has. */
export function encodeData(
  data: Uint8Array,
  vocabulary: number,
  tokenizer: Tokenizer | undefined,
): Validated<Uint16Array> {
  if (tokenizer === undefined) {
    return invalid({
      where: "data.tokenizer",
      problem: "the data are a text (data.tokens is text), and there is no tokenizer",
      fix: "Name its file with --tokenizer, or encode the text before, as ids of two bytes (u16le).",
    });
  }
  if (tokenizer.size > vocabulary) {
    return invalid({
      where: "model.vocabulary",
      problem: "has fewer ids than the tokenizer",
      expected: `at least ${tokenizer.size}`,
      got: String(vocabulary),
    });
  }
  return pipe(
    tokenizer.encodeBytes
      ? E.right(tokenizer.encodeBytes(data))
      : E.map(tokenizer.encode)(decodeUtf8(data, "--data")),
  );
}

/** The first place from `at` on where a character of UTF-8 begins; `at` where bytes are no text. */
export function characterBorder(data: Uint8Array, at: number): number {
  const isInner = (place: number): boolean => (data[place] & 0xc0) === 0x80;
  const next = [0, 1, 2, 3].map((more) => at + more);
  return next.find((place) => place >= data.length || !isInner(place)) ?? at;
}
