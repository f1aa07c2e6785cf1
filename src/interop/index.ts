/** Files of other programs: safetensors, and the checks of their published numbers. */
export * as safetensors from "./safetensors/index.ts";
export { InputError, formatProblem, type Problem, type Validated } from "../edge/problem.ts";
