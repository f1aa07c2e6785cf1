import { BackendError } from "../../core/errors.ts";
import type { AdapterOptions } from "./adapter-options.ts";
import { f16Feature, matrixFeature } from "./half-products.ts";

/** Limits that are asked for as far as the adapter has them. */
const wanted = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupStorageSize",
] as const;

/** Features that are used where they are there, the second ones where products are to be multiplied in f16. */
export const useful = ["timestamp-query", "subgroups"] as const;
export const usefulForHalf = [f16Feature, matrixFeature] as const;

/** Which adapter to take, and whether it is to multiply in f16. */
interface DeviceWishes extends AdapterOptions {
  readonly half?: boolean;
}

/** A device, and what its adapter says of itself: more than a device does. */
export interface OpenedDevice {
  readonly device: GPUDevice;
  /** Parts of it are missing in engines that do not know them yet. */
  readonly info: Partial<GPUAdapterInfo>;
}

/**
 * A device of the engine: of `navigator.gpu` in pages and Deno, of the package `webgpu` in Node.
 *
 * @throws BackendError that says what was looked for where there is none
 */
export async function openDevice({
  half = false,
  ...options
}: DeviceWishes = {}): Promise<OpenedDevice> {
  const adapter = await findAdapter(options);
  const has = new Set<string>(adapter.features);
  const wishes: readonly string[] = half ? [...useful, ...usefulForHalf] : useful;
  const device = await adapter.requestDevice({
    requiredFeatures: wishes.filter((name) => has.has(name)) as GPUFeatureName[],
    requiredLimits: Object.fromEntries(wanted.map((name) => [name, adapter.limits[name]])),
  });
  return { device, info: adapter.info };
}

/** @throws BackendError that says what was looked for where there is none */
export async function findAdapter(options: AdapterOptions): Promise<GPUAdapter> {
  const gpu = await findGpu();
  const adapter = await gpu.requestAdapter(options);
  if (!adapter) {
    throw new BackendError("there is no WebGPU adapter", {
      where: "webgpu",
      expected: "a graphics processor with a driver that the engine accepts",
      got: "none",
      fix: "Install a Vulkan, Metal or Direct3D 12 driver, or use `await init()`, which computes on the CPU.",
    });
  }
  return adapter;
}

async function findGpu(): Promise<GPU> {
  if (typeof navigator !== "undefined" && navigator.gpu) return navigator.gpu;
  const host = globalThis as { process?: { versions?: { node?: string } } };
  if (host.process?.versions?.node === undefined) {
    throw new BackendError("this engine has no WebGPU", {
      where: "webgpu",
      expected: "navigator.gpu",
      fix: "Use a newer browser over https or loopback, or `await init()`, which computes on the CPU.",
    });
  }
  return nodeGpu();
}

let ofNode: Promise<GPU> | undefined;

/** Dawn for Node; what `create` gives must live as long as its devices do, so there is one, whoever asks at the same time. */
function nodeGpu(): Promise<GPU> {
  ofNode ??= createNodeGpu().catch((error: unknown) => {
    ofNode = undefined;
    throw error;
  });
  return ofNode;
}

async function createNodeGpu(): Promise<GPU> {
  const name = "webgpu";
  const dawn = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name).catch(
    (error: unknown) => {
      throw new BackendError(
        "Node has no WebGPU of its own, and the package `webgpu` is not there",
        {
          where: "webgpu",
          got: error instanceof Error ? error.message : String(error),
          fix: "npm install webgpu@0.6.2",
        },
      );
    },
  )) as { create: (options: readonly string[]) => GPU; globals: Record<string, unknown> };
  for (const [key, value] of Object.entries(dawn.globals)) {
    if (!(key in globalThis)) Object.defineProperty(globalThis, key, { value, configurable: true });
  }
  // Pages must not learn times that exact; for programs, most kernels are shorter than the 65 us of the coarse ones.
  // Matrices of subgroups are an experiment of Dawn's, and f16 on NVIDIA is; a device has them only where they are asked for.
  return dawn.create([
    "enable-dawn-features=allow_unsafe_apis,vulkan_enable_f16_on_nvidia",
    "disable-dawn-features=timestamp_quantization",
  ]);
}
