/** WebGPU as a suite wants it: with the flags of Dawn that `DAWN_FLAGS` names, separated by semicolons. */
import {
  createWebGpuBackend,
  type WebGpuBackend,
  type WebGpuOptions,
} from "../../src/backends/webgpu/index.ts";

/** What `create` gives must live as long as its devices. */
const instances = new Map<string, GPU>();

/** @returns what `navigator.gpu` is in a page */
export async function gpuOf(flags: readonly string[]): Promise<GPU> {
  const key = flags.join(";");
  const known = instances.get(key);
  if (known) return known;
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  const made = create([...flags]);
  instances.set(key, made);
  return made;
}

export const flagsOfEnvironment = (): readonly string[] =>
  (process.env.DAWN_FLAGS ?? "").split(";").filter((flag) => flag !== "");

/** @throws when there is no adapter */
export async function adapterOf(flags: readonly string[]): Promise<GPUAdapter> {
  const gpu = await gpuOf(flags);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("there is no WebGPU adapter");
  return adapter;
}

/** A device with all that its adapter can. */
export async function deviceOf(adapter: GPUAdapter): Promise<GPUDevice> {
  const device = await adapter.requestDevice({
    requiredFeatures: [...adapter.features] as GPUFeatureName[],
    requiredLimits: limitsOf(adapter),
  });
  device.addEventListener("uncapturederror", ({ error }) => {
    console.log(`the device complains: ${error.message.slice(0, 1000)}`);
  });
  return device;
}

/** The backend of the package: with a device of its own choice, or with one that has the flags. */
export async function openBackend(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  const flags = flagsOfEnvironment();
  if (flags.length === 0) {
    return createWebGpuBackend({ powerPreference: "high-performance", ...options });
  }
  return createWebGpuBackend({ device: await deviceOf(await adapterOf(flags)), ...options });
}

/** Every limit by its name; those that are fixed cannot be asked for. */
export function limitsOf({ limits }: GPUAdapter | GPUDevice): Record<string, number> {
  const entries: [string, number][] = [];
  for (const name in limits) {
    const value: unknown = limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") entries.push([name, value]);
  }
  return Object.fromEntries(entries);
}

/** Who made the adapter, and its driver. */
export const nameOf = ({ info }: GPUAdapter): string =>
  [info.vendor, info.architecture, info.device, info.description]
    .filter((part) => part !== "")
    .join(" ");
