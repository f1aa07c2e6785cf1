import { either, oneOf, struct, withDefault, type Decoded } from "../../edge/decoder.ts";
import { reformerFields, rowChunk } from "../../reformer/models/config-fields.ts";
import type { ReformerConfig } from "../../reformer/models/config.ts";

const chunkRows = either(oneOf("auto"), rowChunk, '"auto", an integer at least 1 or null');

/** Chunks of rows that may be left open. */
export const chunkFields = {
  feedForwardChunk: withDefault(chunkRows, "auto"),
  lossChunk: withDefault(chunkRows, "auto"),
};

/**
 * The model's section. Chunks of rows are `auto` by default: the largest that the memory budget
 * leaves room for.
 */
export const modelConfig = struct({
  ...reformerFields,
  ...chunkFields,
});

/** As it is written: chunks may still have to be chosen. */
export type WrittenModelConfig = Decoded<typeof modelConfig>;

/** As it is used. */
export type ModelConfig = Omit<WrittenModelConfig, "feedForwardChunk" | "lossChunk"> &
  Pick<ReformerConfig, "feedForwardChunk" | "lossChunk">;
