/** The WebGPU backend on the driver that tests have. */
import {
  createWebGpuBackend,
  type WebGpuBackend,
  type WebGpuOptions,
} from "../../src/backends/webgpu/index.ts";
import { chooseDriver } from "./webgpu-driver.ts";

export function openWebGpu(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  chooseDriver();
  return createWebGpuBackend(options);
}
