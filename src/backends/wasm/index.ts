export type { ProfileOptions, RunProfile, StepEvent, StepTime } from "../../plan/index.ts";
export { arithmetics, hasRelaxedArithmetic, type Arithmetic } from "./arithmetic.ts";
export { createWasmBackend, type SmallestWork, type WasmOptions } from "./backend.ts";
export type { KernelLibrary, LibraryRecipe, LoadedLibrary } from "./libraries/library.ts";
export type { Shares } from "./calls/recipe.ts";
export {
  inputBuffer,
  outputBuffer,
  updatedBuffer,
  workspaceBuffer,
  type Access,
  type BufferReference,
  type KernelCalls,
  type KernelRequest,
  type KernelStep,
} from "../../plan/index.ts";
export type { Faults } from "./machine.ts";
export { mostThreads } from "./threads/count.ts";
export { probeThreads } from "./threads/probe.ts";
export { serveThread, type ThreadStart } from "./threads/serve.ts";
export {
  nodeThreads,
  webThreads,
  type ThreadHandle,
  type ThreadSource,
  type WebWorkers,
} from "./threads/source.ts";
export { threadSupport, type ThreadSupport } from "./threads/support.ts";
