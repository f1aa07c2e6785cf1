import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attendedBy, hashingOf } from "../../demo/src/tokens/hashing.ts";
import { nextToken } from "../../demo/src/tokens/keys.ts";
import { labelsOf } from "../../demo/src/tokens/labels.ts";
import { describeHashing, describeToken } from "../../demo/src/tokens/describe.ts";
import { beginningOf, passageOf } from "../../demo/src/training/passage.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("labels of tokens", () => {
  test("show the character that a byte begins, and what cannot be seen", () => {
    expect(
      labelsOf(utf8("a\n ’\t"))
        .map(({ glyph }) => glyph)
        .join(""),
    ).toBe("a↵ ’··→");
    expect(labelsOf(utf8("\n ")).map(({ spoken }) => spoken)).toEqual(["new line", "space"]);
  });

  test("there is one for each byte, of any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const labels = labelsOf(bytes);
        expect(labels).toHaveLength(bytes.length);
        expect(labels.every(({ glyph, spoken }) => glyph !== "" && spoken !== "")).toBe(true);
      }),
    );
  });

  test("the characters of a text come back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 20 }), (text) => {
        const shown = labelsOf(utf8(text)).filter(({ glyph }) => glyph !== "·");
        const hidden = /[\p{Cc}\ufffd·]/u;
        fc.pre(!hidden.test(text));
        expect(shown.map(({ glyph }) => glyph).join("")).toBe(text);
      }),
    );
  });
});

/** Six tokens in chunks of two, with buckets 1 0 1 0 1 1. */
const report = {
  length: 6,
  heads: 1,
  rounds: 1,
  chunks: 3,
  chunkLength: 2,
  window: 4,
  numBuckets: 2,
  layers: [
    {
      layer: 1,
      buckets: Int32Array.of(1, 0, 1, 0, 1, 1),
      slots: Int32Array.of(2, 0, 3, 1, 4, 5),
      order: Int32Array.of(1, 3, 0, 2, 4, 5),
      seen: Int32Array.of(-1, -1, 1, 3, 1, 3, 0, 2, 0, 2, 4, 5),
    },
  ],
};

describe("one head's hashing", () => {
  const hashing = hashingOf(report, { layer: 0, head: 0, round: 0 });
  if (!hashing) throw new Error("the report has one");

  test("is cut into chunks and their windows", () => {
    expect(hashing.chunks).toEqual([
      [1, 3],
      [0, 2],
      [4, 5],
    ]);
    expect(hashing.chunkOf).toEqual([1, 0, 1, 0, 2, 2]);
    expect(hashing.seen[0]).toEqual([1, 3]);
  });

  test("says to whom a token attends", () => {
    expect([0, 1, 2, 3, 4, 5].map((token) => attendedBy(hashing, token))).toEqual([
      [],
      [],
      [0],
      [1],
      [0, 2],
      [0, 2, 4],
    ]);
  });

  test("is told in words", () => {
    const labels = labelsOf(utf8("abcdef"));
    expect(describeHashing(hashing)).toBe(
      "6 tokens in 2 of 2 buckets, the largest of 4 (bucket 1), cut into 3 chunks.",
    );
    expect(describeToken(hashing, labels, 2)).toBe(
      "Token 2, “c”: bucket 1 of 2, chunk 1. It looks at the 4 tokens of its chunk and the one before, and attends to the one of its bucket that comes earlier.",
    );
  });

  test("is absent where nothing is hashed", () => {
    expect(hashingOf({ ...report, layers: [] }, { layer: 0, head: 0, round: 0 })).toBeUndefined();
  });
});

describe("keys", () => {
  const order = [1, 3, 0, 2, 4, 5];
  const buckets = report.layers[0].buckets;
  test.each([
    ["ArrowRight", 3, 0],
    ["ArrowLeft", 3, 1],
    ["ArrowLeft", 1, undefined],
    ["ArrowDown", 2, 4],
    ["ArrowUp", 2, 0],
    ["ArrowDown", 5, undefined],
    ["Home", 4, 1],
    ["End", 4, 5],
    ["ArrowRight", null, 1],
    ["ArrowUp", null, undefined],
    ["x", 4, undefined],
  ])("%s from %s", (key, from, to) => {
    expect(nextToken(key, order, from, buckets)).toBe(to);
  });
});

describe("passages", () => {
  test("begin at the first long paragraph, and are as long as asked for if the text is", () => {
    const text = `Title\n\n${"long ".repeat(60)}\n\nend`;
    expect(new TextDecoder().decode(passageOf(text, 9))).toBe("long long");
    expect(passageOf(text, 306)).toHaveLength(306);
    expect(passageOf("short", 9)).toEqual(utf8("short"));
  });

  test("writing goes on from the first words", () => {
    expect(beginningOf("\n On an  exceptionally hot")).toBe("On an exceptionally ");
  });
});
