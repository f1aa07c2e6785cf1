import type { Backend } from "../../ir/backend.ts";
import { matmulWorkspaceWords } from "../../ir/kernels/matmul.ts";
import { defaultFlags, planProgram, type PlanFlags, type PlanTarget } from "../../plan/index.ts";
import { PlanExecutable, type Arena } from "./executable.ts";
import { Machine } from "./machine.ts";
import { ArenaMemory } from "./memory.ts";
import type { ProfileOptions } from "./profile.ts";
import { compileTileProgram } from "./tile-program.ts";

/** Choices at the creation of a WASM backend. None of them changes a bit of any result. */
export interface WasmOptions extends Partial<PlanFlags> {
  /** First byte of the arena, at least 16-byte aligned; for tests at high addresses. */
  readonly arenaBase?: number;
  /** Operations without a kernel run as their slow reference implementation instead of failing. */
  readonly allowReference?: boolean;
  /** Who wants to know where the time of a run goes; asking for it slows runs a little. */
  readonly profile?: ProfileOptions;
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
  const memory = new ArenaMemory(false);
  const machine = await Machine.create(memory);
  const arena: Arena = {
    memory,
    machine,
    start: Math.ceil((options.arenaBase ?? machine.heapBase) / 16) * 16,
    profile: options.profile,
    loaded: undefined,
    running: false,
  };
  const target: PlanTarget = {
    kernels: machine.kernelNames,
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
