import type { Tokenizer } from "../tokenizer.ts";
import { libraryTokenizer } from "../library.ts";
import type { CheckedTokenizer } from "./check.ts";
import { withSplitWords } from "./complete.ts";

/** A tokenizer of a tokenizer.json. */
export async function jsonTokenizer({ json, size }: CheckedTokenizer): Promise<Tokenizer> {
  const library = await libraryTokenizer(withSplitWords(json));
  return {
    kind: "tokenizer.json",
    size,
    encode: (text) => Uint16Array.from(library.encode(text)),
    decode: (ids) => library.decode(Array.from(ids)),
  };
}
