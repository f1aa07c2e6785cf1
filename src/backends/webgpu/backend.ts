import { BackendError } from "../../core/errors.ts";
import type { Backend } from "../../ir/backend.ts";
import { defaultFlags, planProgram, type PlanFlags } from "../../plan/index.ts";
import { checkTiles, checkWebGpuOptions } from "./check-options.ts";
import { openDevice, type OpenedDevice } from "./device.ts";
import { GpuExecutable } from "./executable.ts";
import type { DeviceOfOnesOwn, WebGpuOptions } from "./options.ts";
import { halfProducts } from "./half-products.ts";
import type { TileChoice } from "./kernels/tiles.ts";
import { Runtime } from "./runtime.ts";
import { enoughForQuads, gpuTarget } from "./target.ts";
import { measureTiles } from "./tune-tiles.ts";
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
  /**
   * Measures by the device's clock which tiles matrix products are fastest with, takes them for all programs that are compiled from now on, and
   * tells them; or takes `known`, what another backend on the same device has told. Results are the same with all tiles. Undefined, and
   * the table's tiles stay, where the device tells no times, or is the processor itself.
   *
   * @throws ReformaxError where `known` is no such choice
   */
  tune(known?: TileChoice): Promise<TileChoice | undefined>;
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
    products = "f32",
    tiles: givenTiles = {},
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
  const isHalf = products === "f16";
  const { device, info } = given
    ? ownDevice(given)
    : await openDevice({ powerPreference, half: isHalf });
  const half = isHalf ? halfProducts(device, info) : undefined;
  let tiles = givenTiles;
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
    tune: async (known) => {
      runtime.lifetime.check("tune");
      const form = { half, quadsFrom: quadsFrom ?? enoughForQuads };
      const isTimed = !half?.matrices && info.isFallbackAdapter !== true;
      const chosen = known
        ? checkTiles(known, "tune")
        : isTimed
          ? await measureTiles(device, runtime.pipelines, form)
          : undefined;
      tiles = chosen ?? tiles;
      return chosen;
    },
    compile: (program) => {
      runtime.lifetime.check("compile");
      const wishes = { allowReference, fuseProductsFrom, quadsFrom, half, tiles };
      const { target, kernelOf } = gpuTarget(wishes);
      return new GpuExecutable(planProgram(program, target, flags), runtime, uploads, kernelOf);
    },
    synchronize: () => runtime.synchronize(),
    dispose: () => runtime.dispose(),
  };
}

/** @throws BackendError when it is something else */
function ownDevice(given: DeviceOfOnesOwn): OpenedDevice {
  if ("createComputePipeline" in given) {
    const device = given as unknown as GPUDevice;
    return { device, info: (device as Partial<GPUDevice>).adapterInfo ?? {} };
  }
  throw new BackendError("this is no WebGPU device", {
    where: "createWebGpuBackend",
    expected: "what adapter.requestDevice() gives",
    got: String(given),
  });
}
