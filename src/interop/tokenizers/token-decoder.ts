import { checkParts } from "../../core/arguments.ts";
import type { TokenDecoder } from "../../generation/written-text.ts";
import { checkWhole } from "../../core/whole.ts";
import { checkIds } from "./checked.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** What an unfinished character is decoded as. */
const incomplete = "\ufffd";

/** Ids before the new ones that their text may depend on, as a word depends on what it follows. */
const context = 8;

/**
 * The text of ids that come one by one, in UTF-8: together what all of them are decoded as behind others. What is not a whole character yet
 * waits. For the option `decoder` of `generate`.
 *
 * @param before - ids that the new ones follow, the last at least: a space before the first word is written where there are some
 * @example
 * import { bytesPlusTwo, tokenDecoder } from "reformax/interop";
 * const { push, end } = tokenDecoder(bytesPlusTwo);
 * const [e, acute] = bytesPlusTwo.encode("é");
 * console.log(push(e).length, push(acute).length, end().length); // => 0 2 0
 */
export function tokenDecoder(
  tokenizer: Pick<Tokenizer, "decode">,
  before: Iterable<number> = [],
): TokenDecoder {
  const where = "tokenDecoder";
  const { decode } = checkParts(tokenizer, ["decode"], "the tokenizer", where);
  let known: readonly number[] = [...checkIds(before, where)].slice(-context);
  let added: readonly number[] = [];
  const encoder = new TextEncoder();
  const text = (): string => decode([...known, ...added]).slice(decode(known).length);
  const take = (): Uint8Array => {
    const bytes = encoder.encode(text());
    known = [...known, ...added].slice(-context);
    added = [];
    return bytes;
  };
  return {
    push: (id) => {
      added = [...added, checkWhole(id, "the id", "push", 0)];
      // No character has as many ids: what is not complete by then is none.
      const waits = added.length < context && text().endsWith(incomplete);
      return waits ? new Uint8Array(0) : take();
    },
    end: take,
  };
}
