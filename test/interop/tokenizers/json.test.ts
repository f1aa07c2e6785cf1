import { describe, expect, test } from "vitest";
import {
  bytesPlusTwo,
  InputError,
  loadTokenizer,
  tokenDecoder,
} from "../../../src/interop/index.ts";
import { expected, load, sample } from "./golden.ts";

const names = Object.keys(expected.tokenizers);

describe.each(names)("%s", (name) => {
  test("gives HuggingFace's ids, and texts of them", async () => {
    const { encode, decode } = await load(`${name}.json`);
    for (const { text, ids, decoded } of expected.tokenizers[name]) {
      expect([text, ...encode(text)]).toEqual([text, ...ids]);
      expect([text, decode(ids)]).toEqual([text, decoded]);
    }
  });

  test("reads a long text", async () => {
    expect((await load(`${name}.json`)).encode(sample).length).toBeGreaterThan(100_000);
  });
});

const file = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const model = { type: "BPE", vocab: { a: 0, b: 1 }, merges: [] };

describe("loadTokenizer refuses", () => {
  test.each<readonly [string, Uint8Array, RegExp]>([
    ["nothing", new Uint8Array(0), /none that is known/],
    ["a text", new TextEncoder().encode("hello"), /none that is known/],
    ["no JSON", new TextEncoder().encode("{"), /not valid JSON/],
    ["no model", file({}), /model: is not an object/],
    ["another algorithm", file({ model: { ...model, type: "WordLevel" } }), /not supported/],
    ["another vocabulary", file({ model: { ...model, vocab: ["a"] } }), /is no vocabulary/],
    ["merges of another kind", file({ model: { ...model, merges: [1] } }), /are no merges/],
    ["a half id", file({ model: { ...model, vocab: { a: 0.5 } } }), /no id that data can hold/],
    ["a large id", file({ model: { ...model, vocab: { a: 70_000 } } }), /below 65536/],
    ["unknown parts", file({ model, normalizer: { type: "Magic" } }), /does not work.*Magic/],
  ])("%s", async (_, bytes, message) => {
    await expect(loadTokenizer(bytes)).rejects.toThrow(InputError);
    await expect(loadTokenizer(bytes)).rejects.toThrow(message);
  });

  test("a text of which some is in no token", async () => {
    const words = { type: "WordPiece", unk_token: "?", vocab: { ab: 0 } };
    const { encode } = await loadTokenizer(file({ model: words }));
    expect([...encode("ab")]).toEqual([0]);
    expect(() => encode("xx")).toThrow(/in no token/);
  });
});

test("bytes and two", () => {
  expect([...bytesPlusTwo.encode("aé")]).toEqual([99, 0xc3 + 2, 0xa9 + 2]);
  expect(bytesPlusTwo.decode([0, 1, 99, 300])).toBe("a");
});

describe("tokenDecoder", () => {
  const texts = ["to be", "é 한국어 👩‍👩‍👧.", "  a  b\n\n", "x".repeat(30)];

  test.each(["byte-level.json", "metaspace.json", "cp.320.model.gz", "bytes+2"])(
    "writes what all ids of %s are decoded as",
    async (name) => {
      const tokenizer = name === "bytes+2" ? bytesPlusTwo : await load(name);
      for (const text of texts) {
        const [first, ...ids] = tokenizer.encode(`He ${text}`);
        const decoder = tokenDecoder(tokenizer, [first]);
        const parts = [...ids.map((id) => decoder.push(id)), decoder.end()].map((part) =>
          new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(part)),
        );
        expect(tokenizer.decode([first]) + parts.join("")).toBe(tokenizer.decode([first, ...ids]));
        expect(parts.slice(0, -1).join("")).not.toContain("\ufffd");
      }
    },
  );
});
