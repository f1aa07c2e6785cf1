/** Decoding with a cache: one token at a time, at the cost of one. */
export { begin, beginReference, next, nextReference } from "./decode.ts";
export * as huggingFace from "./huggingface/index.ts";
export { join, reorder } from "./sequences.ts";
