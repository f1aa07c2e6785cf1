/** Decoding with a cache: one token at a time, at the cost of one. */
export { begin, next } from "./decode.ts";
export { beginReference, nextReference } from "./reference.ts";
export * as huggingFace from "./huggingface/index.ts";
export { join, reorder } from "./sequences.ts";
