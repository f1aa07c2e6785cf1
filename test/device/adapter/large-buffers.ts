/** Whether the largest buffer and the largest binding that the limits promise exist, up to their last word. */
import { rounded } from "../suite.ts";

const marker = 0xc0ffee;

export async function largeBufferFacts(device: GPUDevice, most: number): Promise<unknown> {
  const { maxBufferSize, maxStorageBufferBindingSize } = device.limits;
  const bytes = floor(Math.min(most, maxBufferSize));
  const bound = floor(Math.min(bytes, maxStorageBufferBindingSize));
  const begin = performance.now();
  device.pushErrorScope("out-of-memory");
  device.pushErrorScope("validation");
  const { STORAGE, COPY_SRC } = GPUBufferUsage;
  const buffer = device.createBuffer({ size: bytes, usage: STORAGE | COPY_SRC });
  // The window ends where the buffer does.
  writeLast(device, buffer, bytes - bound, bound);
  const [last] = await readWords(device, buffer, bytes - 4, 4);
  const errors = [await device.popErrorScope(), await device.popErrorScope()];
  buffer.destroy();
  const error = errors.find((each) => each !== null);
  return {
    bytes,
    boundBytes: bound,
    lastWordWritten: last === marker,
    error: error?.message.slice(0, 300) ?? null,
    milliseconds: rounded(performance.now() - begin),
  };
}

const floor = (bytes: number): number => Math.floor(bytes / 256) * 256;

function writeLast(device: GPUDevice, buffer: GPUBuffer, offset: number, size: number): void {
  const code = `
    @group(0) @binding(0) var<storage, read_write> words: array<u32>;
    @compute @workgroup_size(1) fn main() { words[arrayLength(&words) - 1u] = ${marker}u; }`;
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
  });
  const entries = [{ binding: 0, resource: { buffer, offset, size } }];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  device.queue.submit([encoder.finish()]);
}

async function readWords(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset: number,
  size: number,
): Promise<Uint32Array> {
  const staging = device.createBuffer({
    size,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const words = new Uint32Array(staging.getMappedRange()).slice();
  staging.destroy();
  return words;
}
