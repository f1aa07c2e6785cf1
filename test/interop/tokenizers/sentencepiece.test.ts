import * as E from "fp-ts/lib/Either.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readModel } from "../../../src/interop/tokenizers/sentencepiece/model.ts";
import { normalize } from "../../../src/interop/tokenizers/sentencepiece/normalize.ts";
import { sentencePieceTokenizer } from "../../../src/interop/tokenizers/sentencepiece/tokenizer.ts";
import { wordSplit } from "../../../src/interop/tokenizers/sentencepiece/words.ts";
import { modelBytes, normal, type WrittenPiece } from "./model-writer.ts";
import { bytesOf, expected, hashOf, load, published, sample } from "./golden.ts";

const names = ["cp.320", "unigram"] as const;

/** What sentencepiece takes for plain text, HuggingFace for a piece: see the published ids. */
const namesPieces = /<(unk|s|\/s)>/;

const models = names.map((name) => [name, load(`${name}.model.gz`)] as const);

describe.each(models)("%s", (name, loading) => {
  test("gives the ids that HuggingFace published", async () => {
    const { encode } = await loading;
    for (const { text, ids } of published[name]) expect([...encode(text)]).toEqual(ids);
  });

  test("reads texts of all kinds, and writes ids, as sentencepiece does", async () => {
    const { encode, decode } = await loading;
    for (const { text, ids, decoded } of expected.sentencepiece[name].texts) {
      expect(namesPieces.test(text)).toBe(false);
      expect([text, ...encode(text)]).toEqual([text, ...ids]);
      expect(decode(ids)).toBe(decoded);
    }
  });

  test("reads a third of a novel as sentencepiece does", async () => {
    const { encode } = await loading;
    // sentencepiece sums scores up in float32: those of a whole book would lose what tells pieces apart.
    const parts = name === "cp.320" ? [sample] : sample.split("\n");
    const ids = Uint16Array.from(parts.flatMap((part) => [...encode(part)]));
    const { count, sha256 } = expected.sentencepiece[name].sample;
    expect([ids.length, hashOf(ids)]).toEqual([count, sha256]);
  });

  test("cutting at words changes no id", async () => {
    const { encode } = await loading;
    const read = readModel(bytesOf(`${name}.model.gz`));
    if (E.isLeft(read)) throw new Error("no model");
    const whole = await sentencePieceTokenizer(read.right, () => (text: string) => [text]);
    const words = fc.array(fc.constantFrom("a", "the", " ", "x.", "é", "▁", "ing", "Rask"));
    fc.assert(
      fc.property(words, (parts) => {
        const text = parts.join("");
        expect([...encode(text)]).toEqual([...whole.encode(text)]);
      }),
    );
  });
});

const small: readonly WrittenPiece[] = [
  { text: "<unk>", type: 2 },
  { text: "</s>", type: 3 },
  ...["▁", "a", "b", "▁a", "ab", "▁ab", "b▁a"].map(normal),
];

const read = (bytes: Uint8Array) => readModel(bytes);
const problemOf = (bytes: Uint8Array): string => {
  const result = read(bytes);
  return E.isLeft(result) ? result.left.map(({ problem }) => problem).join("; ") : "";
};

describe("a model", () => {
  test("whose piece reaches across a space is not cut there", () => {
    const found = read(modelBytes(small, { algorithm: 2 }));
    const pieces = E.isRight(found) ? found.right.pieces : [];
    expect([...wordSplit(pieces)("▁ab▁a▁b")]).toEqual(["▁ab▁a", "▁b"]);
  });

  test("without a map of characters keeps them, and removes spaces as it says", () => {
    const rules = { charsmap: null, addsPrefix: true, removesSpaces: true };
    expect(normalize("  a \n  b  ", rules)).toBe("▁a▁\n▁b");
    expect(normalize("  a ", { ...rules, removesSpaces: false })).toBe("▁▁▁a▁");
    expect(normalize("a", { ...rules, addsPrefix: false })).toBe("a");
    expect(normalize("   ", rules)).toBe("");
  });

  test("with pieces for bytes spells by them what is in no other", async () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => ({
      text: `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
      type: 6,
    }));
    const found = read(modelBytes([...small, ...bytes], { algorithm: 2 }));
    if (E.isLeft(found)) throw new Error(problemOf(modelBytes([...small, ...bytes])));
    const { encode, decode } = await sentencePieceTokenizer(found.right);
    const ids = [...encode("ab é")];
    expect(ids).toEqual([7, 2, small.length + 0xc3, small.length + 0xa9]);
    expect(decode(ids)).toBe("ab é");
  });

  test.each<readonly [string, Uint8Array, RegExp]>([
    ["of words", modelBytes(small, { algorithm: 3 }), /unknown algorithm/],
    ["with user-defined pieces", modelBytes([...small, { text: "x", type: 4 }]), /not supported/],
    ["with a piece twice", modelBytes([...small, normal("a", 9)]), /holds a piece twice/],
    ["without the unknown", modelBytes(small.slice(1)), /no piece for what is unknown/],
    ["with an empty piece", modelBytes([...small, { text: "" }]), /has no text/],
    ["with a very long piece", modelBytes([...small, normal("x".repeat(2000), 0)]), /too long/],
    [
      "with an infinite score",
      modelBytes([...small, { text: "x", score: Infinity }]),
      /not finite/,
    ],
    ["with spaces behind", modelBytes(small, { spaceBehind: 1 }), /ends of words/],
    ["of bytes and unigram", modelBytes([...small, { text: "<0x00>", type: 6 }]), /bpe alone/],
    ["with a damaged map", modelBytes(small, {}, Uint8Array.of(9, 0, 0, 0, 1)), /damaged/],
    ["that is cut", modelBytes(small).subarray(0, 40), /is cut/],
  ])("%s is refused", (_, bytes, problem) => {
    expect(problemOf(bytes)).toMatch(problem);
  });
});
