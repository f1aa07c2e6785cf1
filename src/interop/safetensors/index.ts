export { parse, parseOrThrow, type Safetensors } from "./parse.ts";
export { serialize, type SerializeOptions } from "./serialize.ts";
export type { ShortFloat } from "./short-floats.ts";
