import type { Backend } from "../../ir/backend.ts";
import { matmulWorkspaceWords } from "../../ir/kernels/matmul.ts";
import { defaultFlags, planProgram, type PlanFlags, type PlanTarget } from "../../plan/index.ts";
import { PlanExecutable, type Arena, type StepListener } from "./executable.ts";
import { instantiateKernels } from "./kernel-module.ts";
import { ArenaMemory } from "./memory.ts";
import { compileTileProgram } from "./tile-program.ts";

/** Choices at the creation of a WASM backend. None of them changes a bit of any result. */
export interface WasmOptions extends Partial<PlanFlags> {
  /** First byte of the arena, at least 16-byte aligned; for tests at high addresses. */
  readonly arenaBase?: number;
  /** Operations without a kernel run as their slow reference implementation instead of failing. */
  readonly allowReference?: boolean;
  /** Hears of every kernel call: the step of the plan and how long it took. */
  readonly profile?: StepListener;
}

/** One thread does all the work. */
const parts = 1;

/**
 * The WebAssembly SIMD backend: programs are planned once, then run in one arena that all of the
 * backend's executables share.
 *
 * @throws BackendError when the embedded kernels do not fit this version of the library
 * @example
 * import { createWasmBackend } from "reformax/backends/wasm";
 * const backend = await createWasmBackend();
 * console.log(backend.name); // => wasm
 */
export async function createWasmBackend(options: WasmOptions = {}): Promise<Backend> {
  const memory = new ArenaMemory();
  const kernels = await instantiateKernels(memory.memory);
  const arena: Arena = {
    memory,
    kernels: kernels.functions,
    start: Math.ceil((options.arenaBase ?? kernels.heapBase) / 16) * 16,
    profile: options.profile,
    loaded: undefined,
    tables: new Uint32Array(64),
    running: false,
  };
  const target: PlanTarget = {
    kernels: kernels.names,
    compileTileProgram,
    matmulWorkspaceWords: (m, n, k) => matmulWorkspaceWords(m, n, k, parts),
    allowReference: options.allowReference ?? false,
  };
  const { arenaBase: _base, allowReference: _allow, profile: _profile, ...chosen } = options;
  const flags: PlanFlags = { ...defaultFlags, ...chosen };
  const name = "wasm";
  return {
    name,
    compile: (program) =>
      new PlanExecutable(planProgram(program, target, flags), arena, name, flags.poison),
  };
}
