/** What other programs make of texts, for pages: a file for each tokenizer, and their texts. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { bytesPlusTwo } from "../../src/interop/index.ts";
import { bytesOf, expected, load, published } from "../interop/tokenizers/golden.ts";
import type { TokenizedTexts } from "./page/tokenized.ts";

const subwords = await load("wmt32k.subwords.gz");

/** By the names of their files. */
export const tokenizedTexts: TokenizedTexts = {
  ...Object.fromEntries(
    Object.entries(expected.tokenizers).map(([name, texts]) => [`${name}.json`, texts]),
  ),
  ...Object.fromEntries(
    Object.entries(expected.sentencepiece).map(([name, { texts }]) => [`${name}.model`, texts]),
  ),
  // Without the end of a text.
  "wmt32k.subwords": published.wmt32k.map(({ ids: [...ids] }) => {
    ids.pop();
    const text = subwords.decode(ids);
    return { text, ids, decoded: text };
  }),
  [bytesPlusTwo.kind]: [{ text: "aé", ids: [99, 0xc3 + 2, 0xa9 + 2], decoded: "aé" }],
};

export function writeTokenizers(folder: string): void {
  mkdirSync(folder);
  writeFileSync(join(folder, "texts.json"), JSON.stringify(tokenizedTexts));
  for (const name of Object.keys(tokenizedTexts)) {
    if (name === bytesPlusTwo.kind) continue;
    writeFileSync(join(folder, name), bytesOf(name.endsWith(".json") ? name : `${name}.gz`));
  }
}
