import { BackendError } from "../../core/errors.ts";
import type { Backend } from "../../ir/backend.ts";
import { defaultFlags, planProgram, type PlanFlags } from "../../plan/index.ts";
import { checkWebGpuOptions } from "./check-options.ts";
import { openDevice } from "./device.ts";
import { GpuExecutable } from "./executable.ts";
import type { DeviceOfOnesOwn, WebGpuOptions } from "./options.ts";
import { Runtime } from "./runtime.ts";
import { gpuTarget } from "./target.ts";
import { Uploads } from "./uploads.ts";

export type { DeviceOfOnesOwn, WebGpuOptions } from "./options.ts";

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
 * @example
 * import { init } from "reformax";
 * import { multiply } from "reformax/numpy";
 * const { name } = await init("webgpu", { powerPreference: "high-performance" });
 * console.log(name, await multiply(6, 7).data()); // => webgpu Float32Array(1) [ 42 ]
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
    allowReference,
    fuseProductsFrom,
    quadsFrom,
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
      const { target, kernelOf } = gpuTarget({ allowReference, fuseProductsFrom, quadsFrom });
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
