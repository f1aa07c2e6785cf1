import { InputError, type Problem } from "../../edge/problem.ts";
import type { JsonObject } from "../../edge/json.ts";

/** As much of the library's tokenizer as we use. */
export interface LibraryTokenizer {
  readonly encode: (text: string) => readonly number[];
  readonly decode: (ids: readonly number[]) => string;
}

/** A tokenizer of what tokenizer.json holds. Whoever uses none does not load the library. */
export async function libraryTokenizer(json: JsonObject): Promise<LibraryTokenizer> {
  const { Tokenizer } = await import("@huggingface/tokenizers");
  const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  const made = refusing(
    "tokenizer",
    () => new Tokenizer({ added_tokens: [], ...parts, ...json }, {}),
  );
  return {
    encode: (text) =>
      text === "" ? [] : refusing("encode", () => idsOf(made.encode(text, withoutMarks).ids)),
    decode: (ids) =>
      ids.length === 0 ? "" : refusing("decode", () => made.decode([...ids], asWritten)),
  };
}

const withoutMarks = { add_special_tokens: false };
const asWritten = { skip_special_tokens: true, clean_up_tokenization_spaces: false };

/** Where a vocabulary lacks what is unknown, the library gives no id. */
function idsOf(ids: readonly (number | undefined)[]): readonly number[] {
  if (ids.every((id) => id !== undefined)) return ids;
  throw new Error("a part of the text is in no token, and the vocabulary has none for the unknown");
}

/** What the library throws is about the file, or about the text that it was given. */
function refusing<Result>(where: string, act: () => Result): Result {
  try {
    return act();
  } catch (error) {
    const got = error instanceof Error ? error.message : String(error);
    const problem: Problem = { where: `tokenizer.json: ${where}`, problem: "does not work", got };
    throw new InputError([problem]);
  }
}
