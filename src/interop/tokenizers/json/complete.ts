import { isJsonObject, type Json, type JsonObject } from "../../../edge/json.ts";

/** Each word with the mark before it. */
const words = { Regex: "\u2581[^\u2581]*|[^\u2581]+" };

/**
 * What the library leaves out: it does not cut a text at the marks of spaces where the file says so, or says nothing. Without that a text is
 * one word.
 */
export const withSplitWords = (json: JsonObject): JsonObject => ({
  ...json,
  pre_tokenizer: splitAtMarks(json.pre_tokenizer ?? null),
});

function splitAtMarks(step: Json): Json {
  if (!isJsonObject(step)) return step;
  const { type, pretokenizers, split } = step;
  if (type === "Sequence" && Array.isArray(pretokenizers)) {
    return { ...step, pretokenizers: (pretokenizers as readonly Json[]).map(splitAtMarks) };
  }
  if (type !== "Metaspace" || split === false) return step;
  const cut = { type: "Split", pattern: words, behavior: "Removed", invert: true };
  return { type: "Sequence", pretokenizers: [step, cut] };
}
