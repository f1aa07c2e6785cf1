import { checkedTokenizer } from "./checked.ts";
import type { Tokenizer } from "./tokenizer.ts";

/** Ids before those of bytes: 0 pads, and 1 means nothing. */
const reserved = 2;

const encodeBytes = (bytes: Uint8Array): Uint16Array =>
  Uint16Array.from(bytes, (byte) => byte + reserved);

/**
 * The vocabulary of the enwik8 models of trax and HuggingFace: a byte's id is the byte and two.
 *
 * @example
 * import { bytesPlusTwo } from "reformax/interop";
 * const ids = bytesPlusTwo.encode("be");
 * console.log([...ids], bytesPlusTwo.decode(ids), bytesPlusTwo.size); // => [ 100, 103 ] be 258
 * @see https://huggingface.co/google/reformer-enwik8
 */
export const bytesPlusTwo: Tokenizer = checkedTokenizer({
  kind: "bytes+2",
  size: 256 + reserved,
  encode: (text) => encodeBytes(new TextEncoder().encode(text)),
  encodeBytes,
  decode: (ids) => {
    const bytes = Array.from(ids, (id) => id - reserved).filter((byte) => byte >= 0 && byte < 256);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
  },
});
