import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readSubwords } from "../../../src/interop/tokenizers/subwords/tokenizer.ts";
import { load, published } from "./golden.ts";

const wmt = await load("wmt32k.subwords.gz");

/** Ends a pair of the data. */
const end = 1;

test("reads what trax's data hold: texts of their ids give these ids", () => {
  for (const { ids, subtokens } of published.wmt32k) {
    const text = wmt.decode(ids);
    expect([...wmt.encode(text), end]).toEqual(ids);
    expect(subtokens.replace(/[_ ]/g, "").replace("<EOS>", "")).toBe(text.replaceAll(" ", ""));
  }
  expect(wmt.decode(published.wmt32k[0].ids)).toMatch(/^Madam President, the document we have/);
});

test("spells what is in no line by its number, and escapes its own marks", () => {
  const lines = Array.from("\\_u;0123456789")
    .concat(["ab_", "a", "b"])
    .map((line) => `'${line}'`);
  const read = readSubwords(new TextEncoder().encode(`'<pad>_'\n'<EOS>_'\n${lines.join("\n")}\n`));
  if (E.isLeft(read)) throw new Error("refused");
  const { encode, decode, size } = read.right;
  const spelled = (text: string) =>
    [...encode(text)].map((id) => ["<pad>_", "<EOS>_", ...lines][id]);
  expect(size).toBe(lines.length + 2);
  expect(spelled("ab")).toEqual(["'ab_'"]);
  expect(spelled("bé")).toEqual(["'b'", "'\\'", "'2'", "'3'", "'3'", "';'", "'_'"]);
  expect(spelled("_")).toEqual(["'\\'", "'u'", "'_'"]);
  expect(decode(encode("a b_\\ é\n"))).toBe("a b_\\ é\n");
});

test("gives every text back", () => {
  // A zero-width text has no tokens, and a half of a pair is no character.
  const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }));
  fc.assert(
    fc.property(texts, (text) => {
      expect(wmt.decode(wmt.encode(text))).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["not text", Uint8Array.of(0x27, 0xff), /not valid UTF-8/],
  ["one line", new TextEncoder().encode("'a'"), /lacks what every token can be spelled with/],
  ["a long line", new TextEncoder().encode(`'a'\n'b'\n'${"x".repeat(2000)}'`), /too long/],
])("%s is refused", (_, bytes, problem) => {
  const read = readSubwords(bytes);
  expect(E.isLeft(read) && read.left.map((found) => found.problem).join("; ")).toMatch(problem);
});
