/** What small dispatches cost that wait for one another, as those of a recorded run do. */
import { rounded } from "../suite.ts";

/** Bytes of the table of parameters for one dispatch: what WebGPU promises for dynamic offsets. */
const stride = 256;

export async function dispatchFacts(device: GPUDevice, count: number): Promise<unknown> {
  const chain = makeChain(device, count);
  const times = async (passes: number) => {
    await chain.run(passes);
    return chain.run(passes);
  };
  const onePass = await times(1);
  const tenPasses = await times(10);
  const begin = performance.now();
  const roundTrips = 20;
  for (let i = 0; i < roundTrips; i++) await chain.run(1, 1);
  const roundTrip = ((performance.now() - begin) / roundTrips) * 1000;
  const timestamps = device.features.has("timestamp-query") ? await chain.timed() : null;
  return { dispatches: count, onePass, tenPasses, roundTripUs: rounded(roundTrip), timestamps };
}

function makeChain(device: GPUDevice, count: number) {
  const code = `
    @group(0) @binding(0) var<uniform> parameters: array<vec4u, ${stride / 16}>;
    @group(0) @binding(1) var<storage, read_write> words: array<u32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      words[id.x] = words[(id.x + 64u) % arrayLength(&words)] + parameters[0].x;
    }`;
  const visibility = GPUShaderStage.COMPUTE;
  const layout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility, buffer: { type: "uniform", hasDynamicOffset: true } },
      { binding: 1, visibility, buffer: { type: "storage" } },
    ],
  });
  const pipeline = device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
  });
  const { UNIFORM, STORAGE, QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
  const table = device.createBuffer({ size: stride * count, usage: UNIFORM });
  const words = device.createBuffer({ size: 4 * 4096, usage: STORAGE });
  const group = device.createBindGroup({
    layout,
    entries: [
      { binding: 0, resource: { buffer: table, size: stride } },
      { binding: 1, resource: { buffer: words } },
    ],
  });
  const encode = (
    encoder: GPUCommandEncoder,
    begin: number,
    end: number,
    timestampWrites?: GPUComputePassTimestampWrites,
  ): void => {
    const pass = encoder.beginComputePass(timestampWrites ? { timestampWrites } : {});
    pass.setPipeline(pipeline);
    for (let i = begin; i < end; i++) {
      pass.setBindGroup(0, group, [i * stride]);
      pass.dispatchWorkgroups(64);
    }
    pass.end();
  };
  return {
    /** Microseconds for each dispatch: written down, and done. */
    run: async (passes: number, dispatches = count) => {
      const begin = performance.now();
      const encoder = device.createCommandEncoder();
      const per = Math.ceil(dispatches / passes);
      for (let at = 0; at < dispatches; at += per) {
        encode(encoder, at, Math.min(dispatches, at + per));
      }
      device.queue.submit([encoder.finish()]);
      const encoded = performance.now();
      await device.queue.onSubmittedWorkDone();
      const us = (milliseconds: number): number => rounded((1000 * milliseconds) / dispatches);
      return { encodeUs: us(encoded - begin), totalUs: us(performance.now() - begin) };
    },
    /** Microseconds for each dispatch by the device's own clock. */
    timed: async () => {
      const querySet = device.createQuerySet({ type: "timestamp", count: 2 });
      const resolved = device.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC });
      const staging = device.createBuffer({
        size: 16,
        usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
      });
      const encoder = device.createCommandEncoder();
      encode(encoder, 0, count, {
        querySet,
        beginningOfPassWriteIndex: 0,
        endOfPassWriteIndex: 1,
      });
      encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 16);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const [begin, end] = new BigUint64Array(staging.getMappedRange());
      const nanoseconds = Number(end - begin);
      staging.destroy();
      return { deviceUs: rounded(nanoseconds / 1000 / count) };
    },
  };
}
