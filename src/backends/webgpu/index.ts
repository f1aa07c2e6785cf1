// No declaration that is reached from here names a type of lib "dom" or of @webgpu/types: users may have neither.
export { describeAdapter } from "./describe-adapter.ts";
export type { TileChoice, TileName } from "./kernels/tiles.ts";
export {
  createWebGpuBackend,
  type DeviceMemory,
  type DeviceOfOnesOwn,
  type WebGpuBackend,
  type WebGpuOptions,
} from "./backend.ts";
