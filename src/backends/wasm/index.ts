export type { ProfileOptions, RunProfile, StepEvent, StepTime } from "./profile.ts";
export { createWasmBackend, type WasmOptions } from "./backend.ts";
