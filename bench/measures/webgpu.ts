import { createWebGpuBackend, describeAdapter } from "../../src/backends/webgpu/index.ts";
import { BackendError } from "../../src/core/errors.ts";
import { setBackend } from "../../src/ir/backend.ts";
import type { ModelSettings } from "../models.ts";
import { startTraining } from "./training.ts";

export interface WebGpuParameters {
  readonly settings: ModelSettings;
  /** Behind the first one, which compiles. */
  readonly steps: number;
}

export interface WebGpuTime {
  readonly adapter: string;
  readonly tokens: number;
  /** Of the first step. */
  readonly firstMilliseconds: number;
  /** Of each step behind it, until the device is done. */
  readonly milliseconds: readonly number[];
  /** Of the buffer that steps run in. */
  readonly arenaBytes: number;
}

/** Training steps on this machine's adapter, or why there is none. */
export async function measureWebGpu({
  settings,
  steps,
}: WebGpuParameters): Promise<WebGpuTime | { readonly missing: string }> {
  try {
    const backend = await createWebGpuBackend();
    setBackend(backend);
    const training = startTraining(settings);
    const all: number[] = [];
    for (let i = 0; i <= steps; i++) {
      const begin = performance.now();
      training.step();
      await backend.synchronize();
      all.push(performance.now() - begin);
    }
    const [firstMilliseconds, ...milliseconds] = all;
    const { arenaBytes } = backend.memory;
    const { tokens } = training;
    const adapter = await describeAdapter();
    return { adapter, tokens, firstMilliseconds, milliseconds, arenaBytes };
  } catch (error) {
    if (error instanceof BackendError) return { missing: error.message };
    throw error;
  }
}
