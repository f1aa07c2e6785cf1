export { parse, type Safetensors } from "./parse.ts";
export { serialize } from "./serialize.ts";
