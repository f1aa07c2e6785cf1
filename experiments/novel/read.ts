import { tokensFromOrThrow, type Tokens } from "../../src/training/index.ts";
import { readData } from "../../src/training/node/data.ts";
import type { FoundSources } from "../frame/data.ts";
import { formatOf, novelText, pieces, type NovelSettings } from "./settings.ts";

/** The tokens of the novel, and what they spell. */
export interface Novel {
  readonly tokens: Tokens;
  readonly spell: (tokens: readonly number[]) => string;
}

export function readNovel({ mostTokens }: NovelSettings, sources: FoundSources): Novel {
  const { path } = sources[novelText.name];
  const format = formatOf(path);
  const all = tokensFromOrThrow(readData(path), format, format === "bytes" ? 256 : 320);
  const tokens = all.subarray(0, mostTokens ?? undefined);
  if (format === "bytes") {
    return { tokens, spell: (bytes) => new TextDecoder().decode(Uint8Array.from(bytes)) };
  }
  const { pieces: listed } = JSON.parse(
    new TextDecoder().decode(readData(sources[pieces.name].path)),
  ) as { readonly pieces: readonly (readonly [piece: string, score: number])[] };
  return {
    tokens,
    // U+2581 stands for a space.
    spell: (ids) =>
      ids
        .map((id) => listed[id]?.[0] ?? "")
        .join("")
        .replaceAll("\u2581", " "),
  };
}
