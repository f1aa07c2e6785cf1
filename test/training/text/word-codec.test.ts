import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frequentWords, wordCodec } from "../../../src/training/index.ts";

const text = fc.string({ unit: "grapheme", maxLength: 40 });

describe("tokens of words and bytes", () => {
  test("are the text again, whatever the words", () => {
    fc.assert(
      fc.property(fc.array(text), fc.integer({ min: 0, max: 30 }), text, (texts, count, other) => {
        const codec = wordCodec(frequentWords(texts, count));
        for (const each of [...texts, other]) {
          const tokens = codec.encode(each);
          expect(tokens.every((token) => token >= 0 && token < codec.size)).toBe(true);
          expect(tokens.includes(codec.begin) || tokens.includes(codec.end)).toBe(false);
          expect(codec.decode([codec.begin, ...tokens, codec.end])).toBe(each);
        }
      }),
    );
  });

  test("are chosen by how often they stand in texts, and then by their characters", () => {
    expect(frequentWords(["b a b", "a c a"], 9)).toEqual([" a", " b", " c"]);
    expect(frequentWords(["b a b", "a c a"], 1)).toEqual([" a"]);
    expect(frequentWords(["be be", "to, to."], 9)).toEqual([" be", " to", "be", "to"]);
    expect(wordCodec([]).size).toBe(258);
  });
});
