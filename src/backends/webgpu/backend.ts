import { BackendError } from "../../core/errors.ts";
import type { Backend } from "../../ir/backend.ts";
import {
  defaultFlags,
  planProgram,
  type PlanFlags,
  type ProfileOptions,
} from "../../plan/index.ts";
import type { AdapterOptions } from "./adapter-options.ts";
import { checkWebGpuOptions } from "./check-options.ts";
import { openDevice } from "./device.ts";
import { GpuExecutable } from "./executable.ts";
import { Runtime } from "./runtime.ts";
import { gpuTarget } from "./target.ts";
import { Uploads } from "./uploads.ts";

/** What is asked of a `GPUDevice` that is given, in words that need no declarations of WebGPU. */
export interface DeviceOfOnesOwn {
  readonly features: { has(name: string): boolean };
  readonly limits: object;
  readonly queue: object;
  readonly lost: Promise<unknown>;
  destroy(): void;
}

/** Choices at the creation of a WebGPU backend. */
export interface WebGpuOptions extends AdapterOptions, Partial<PlanFlags> {
  /** A `GPUDevice` of one's own, instead of one that is opened; `dispose` destroys it. */
  readonly device?: DeviceOfOnesOwn;
  /**
   * `exact`, the default: compilers cannot fuse what was written as separate operations, so that exact streams rebuild. `relaxed` leaves
   * that to them: streams may not rebuild.
   */
  readonly arithmetic?: "exact" | "relaxed";
  /**
   * Whether every run asks the device if it has understood everything and had memory for it, as the first run of a program does
   * anyway. Then an error names the run in which it came up; runs are slower. Default: no.
   */
  readonly check?: boolean;
  /** Most bytes of memory that one binding reaches, a multiple of 256; the device's limit when absent. For tests. */
  readonly windowBytes?: number;
  /** Whether kernel calls that do not wait for one another are handed over at once: yes, when absent. For tests: results are the same. */
  readonly merges?: boolean;
  /**
   * Most bytes of memory beside what a plan needs, in which iterations of loops, attention heads mostly, run side by side. When absent,
   * half of what the plan needs, as far as a buffer of the device has room for it. Results are the same whatever it is.
   */
  readonly spareBytes?: number;
  /**
   * Who wants to know where the time of a run goes. Then every kernel call has a pass of its own, because devices tell the times of
   * passes: runs are slower, and so is what is between their kernels. Results are the same. Without the feature `timestamp-query`
   * calls are counted, and their times are 0.
   */
  readonly profile?: ProfileOptions;
  /** Operations without a kernel run as their slow reference implementation on the host instead of failing. */
  readonly allowReference?: boolean;
}

/** What a backend holds on its device, in bytes. */
export interface DeviceMemory {
  /** The buffer that programs run in. */
  readonly arenaBytes: number;
  /** Arrays that somebody has, the most that it ever was, and what waits for new ones. */
  readonly usedBytes: number;
  readonly mostBytes: number;
  readonly freeBytes: number;
}

export interface WebGpuBackend extends Backend {
  readonly memory: DeviceMemory;
}

/**
 * The WebGPU backend: programs are planned once, written down as a list of dispatches once, and run in one buffer of the
 * device. Results stay on the device: read them with `await x.data()` or `await toHost(tree)`.
 *
 * @throws BackendError when there is no adapter, ReformaxError when an option is none
 */
export async function createWebGpuBackend(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  const {
    device: given,
    powerPreference,
    arithmetic = "exact",
    check = false,
    windowBytes,
    merges = true,
    spareBytes,
    profile,
    allowReference = false,
    ...chosen
  } = checkWebGpuOptions(options);
  const device = given ? ownDevice(given) : await openDevice({ powerPreference });
  const runtime = new Runtime(device, {
    guarded: arithmetic === "exact",
    checks: check,
    windowBytes,
    merges,
    spareBytes,
    profile,
  });
  const uploads = new Uploads(runtime);
  const flags: PlanFlags = { ...defaultFlags, ...chosen };
  return {
    name: runtime.name,
    threads: { count: 1 },
    device: { maxBufferBytes: device.limits.maxBufferSize },
    lost: runtime.lifetime.lost,
    get memory() {
      const { arena, pool } = runtime;
      const { usedBytes, freeBytes, mostBytes } = pool;
      return { arenaBytes: arena.bytes, usedBytes, freeBytes, mostBytes };
    },
    compile: (program) => {
      runtime.lifetime.check("compile");
      const { target, kernelOf } = gpuTarget(allowReference);
      return new GpuExecutable(planProgram(program, target, flags), runtime, uploads, kernelOf);
    },
    synchronize: () => runtime.synchronize(),
    dispose: () => runtime.dispose(),
  };
}

/** @throws BackendError when it is something else */
function ownDevice(device: DeviceOfOnesOwn): GPUDevice {
  if ("createComputePipeline" in device) return device as unknown as GPUDevice;
  throw new BackendError("this is no WebGPU device", {
    where: "createWebGpuBackend",
    expected: "what adapter.requestDevice() gives",
    got: String(device),
  });
}
