export { describeAdapter } from "./device.ts";
export {
  createWebGpuBackend,
  type DeviceMemory,
  type DeviceOfOnesOwn,
  type WebGpuBackend,
  type WebGpuOptions,
} from "./backend.ts";
