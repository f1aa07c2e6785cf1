/** Decoding with a cache as HuggingFace's Reformer does it. */
export { begin, next } from "./decode.ts";
