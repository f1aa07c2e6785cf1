import { applyCharsmap } from "./charsmap.ts";
import type { NormalizerRules } from "./model.ts";

/** Stands for a space in pieces. */
export const spaceMark = "\u2581";

/** A text as pieces spell it. */
export function normalize(text: string, rules: NormalizerRules): string {
  const { charsmap, addsPrefix, removesSpaces } = rules;
  const mapped = charsmap ? applyCharsmap(charsmap, text) : text;
  const spaced = removesSpaces ? oneSpaceEach(mapped) : mapped;
  if (spaced === "") return "";
  const marked = `${addsPrefix ? " " : ""}${spaced}`.replaceAll(" ", spaceMark);
  return removesSpaces ? withoutMarksBehind(marked) : marked;
}

/** No spaces at the ends, and no two in a row. */
const oneSpaceEach = (text: string): string => text.split(" ").filter(Boolean).join(" ");

function withoutMarksBehind(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === spaceMark) end--;
  return text.slice(0, end);
}
