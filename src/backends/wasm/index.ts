export { createWasmBackend, type WasmOptions } from "./backend.ts";
