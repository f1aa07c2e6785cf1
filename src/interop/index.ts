/** Files of other programs: safetensors, and HuggingFace's Reformers. */
export { fromHuggingFace, type LoadedReformer, type NamedTensors } from "./huggingface/load.ts";
export * as safetensors from "./safetensors/index.ts";
export { InputError, formatProblem, type Problem, type Validated } from "../edge/problem.ts";
