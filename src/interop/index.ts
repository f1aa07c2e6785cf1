/** Files of other programs: safetensors, and Reformers of HuggingFace, lucidrains and trax. */
export { fromHuggingFace, type LoadedReformer, type LoadOptions } from "./huggingface/load.ts";
export { fromLucidrains, fromLucidrainsOrThrow } from "./lucidrains/load.ts";
export {
  fromLucidrainsEncoderDecoder,
  fromLucidrainsEncoderDecoderOrThrow,
  type LoadedEncoderDecoder,
} from "./lucidrains/encoder-decoder.ts";
export {
  fromLucidrainsStack,
  fromLucidrainsStackOrThrow,
  type LoadedStack,
} from "./lucidrains/stack.ts";
export type { NamedTensors } from "./named-tensors.ts";
export { huggingFaceFiles, parseHuggingFaceFiles, type ReadFile } from "./huggingface/files.ts";
export { toHuggingFace, type HuggingFaceModel } from "./huggingface/save.ts";
export type { HeadKind } from "./huggingface/weights.ts";
export type { ParamsByHead } from "./huggingface/parameters.ts";
export { readNpy, readNpyOrThrow } from "./npy/read.ts";
export { fromTrax, fromTraxOrThrow } from "./trax/load.ts";
export { readPickle, readPickleOrThrow } from "./pickle/read.ts";
export { bytesPlusTwo } from "./tokenizers/bytes-plus-two.ts";
export { loadTokenizer } from "./tokenizers/load.ts";
export { tokenDecoder } from "./tokenizers/token-decoder.ts";
export type { Tokenizer, TokenizerKind } from "./tokenizers/tokenizer.ts";
export * as safetensors from "./safetensors/index.ts";
export { InputError, formatProblem, type Problem, type Validated } from "../edge/problem.ts";
