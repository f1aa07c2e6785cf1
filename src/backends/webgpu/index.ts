export { describeAdapter } from "./device.ts";
export { createWebGpuBackend, type DeviceOfOnesOwn, type WebGpuOptions } from "./backend.ts";
