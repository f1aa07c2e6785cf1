export type { StepListener } from "./executable.ts";
export { createWasmBackend, type WasmOptions } from "./backend.ts";
