/** The WebGPU backend on the driver that tests have. */
import {
  createWebGpuBackend,
  type WebGpuBackend,
  type WebGpuOptions,
} from "../../src/backends/webgpu/index.ts";
import { Tensor } from "../../src/core/tensor.ts";
import { chooseDriver } from "./webgpu-driver.ts";

export function openWebGpu(options: WebGpuOptions = {}): Promise<WebGpuBackend> {
  chooseDriver();
  return createWebGpuBackend(options);
}

/** WGSL lets a machine take denormal numbers for zeros, also those that formulas make on their way from numbers a little larger. */
const negligible = 2 ** -100;

/** The same array with zeros instead of denormal numbers, and of those near them. */
export const flushed = (x: Tensor): Tensor =>
  x.dtype === "f32"
    ? new Tensor(
        x.aval,
        x.words().map((value) => (Math.abs(value) <= negligible ? 0 : value)),
      )
    : x;
