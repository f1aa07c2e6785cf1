import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tokenize13a } from "../../../src/training/metrics/tokenize-13a.ts";
import { corpusBleu, type Bleu } from "../../../src/training/index.ts";

interface Case extends Bleu {
  readonly translations: readonly string[];
  readonly references: readonly string[];
}
interface Golden {
  readonly tokens: readonly { readonly line: string; readonly tokens: readonly string[] }[];
  readonly cases: readonly Case[];
}

/** Values of sacrebleu itself: tools/oracle/bleu.py. */
const golden = JSON.parse(
  readFileSync(new URL("../../golden/bleu.json", import.meta.url), "utf8"),
) as Golden;

describe("BLEU", () => {
  test("splits lines into the tokens of 13a", () => {
    expect(golden.tokens.length).toBeGreaterThan(15);
    for (const { line, tokens } of golden.tokens) expect(tokenize13a(line)).toEqual(tokens);
  });

  test("is sacrebleu's, of good translations, bad ones and none", () => {
    expect(golden.cases.length).toBe(20);
    for (const { translations, references, ...expected } of golden.cases) {
      const found = corpusBleu(translations, references);
      expect(found.score).toBeCloseTo(expected.score, 9);
      expect(found.brevityPenalty).toBeCloseTo(expected.brevityPenalty, 12);
      expect([found.length, found.referenceLength]).toEqual([
        expected.length,
        expected.referenceLength,
      ]);
      found.precisions.forEach((precision, i) => {
        expect(precision).toBeCloseTo(expected.precisions[i], 9);
      });
    }
  });

  test("needs a reference for each translation", () => {
    expect(() => corpusBleu(["a", "b"], ["a"])).toThrow(
      /^corpusBleu: translations and references are pairs: expected 2 references, got 1/,
    );
  });
});
