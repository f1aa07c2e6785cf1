/** Which ranges of one buffer a dispatch may have bound at once. */

const range = 256;

interface Binding {
  readonly type: GPUBufferBindingType;
  /** In ranges. */
  readonly at: number;
}

const pairs: Readonly<Record<string, readonly [Binding, Binding]>> = {
  "written and written, apart": [
    { type: "storage", at: 0 },
    { type: "storage", at: 1 },
  ],
  "written and written, the same": [
    { type: "storage", at: 0 },
    { type: "storage", at: 0 },
  ],
  "written and read, apart": [
    { type: "storage", at: 0 },
    { type: "read-only-storage", at: 1 },
  ],
  "read and read, the same": [
    { type: "read-only-storage", at: 0 },
    { type: "read-only-storage", at: 0 },
  ],
};

/** For each pair whether it may be, or what the device says against it. */
export async function bindingFacts(device: GPUDevice): Promise<unknown> {
  const facts: Record<string, string> = {};
  for (const [name, pair] of Object.entries(pairs)) facts[name] = await attempt(device, pair);
  return facts;
}

async function attempt(device: GPUDevice, pair: readonly [Binding, Binding]): Promise<string> {
  device.pushErrorScope("validation");
  const buffer = device.createBuffer({ size: 2 * range, usage: GPUBufferUsage.STORAGE });
  const layout = device.createBindGroupLayout({
    entries: pair.map(({ type }, binding) => ({
      binding,
      visibility: GPUShaderStage.COMPUTE,
      buffer: { type },
    })),
  });
  const access = pair.map(({ type }) => (type === "storage" ? "read_write" : "read"));
  const [first] = access;
  const code = `
    @group(0) @binding(0) var<storage, ${first}> a: array<u32>;
    @group(0) @binding(1) var<storage, ${access[1]}> b: array<u32>;
    @compute @workgroup_size(1) fn main() { ${first === "read_write" ? "a[0] = b[0];" : "_ = a[0] + b[0];"} }`;
  const pipeline = device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
  });
  const entries = pair.map(({ at }, binding) => ({
    binding,
    resource: { buffer, offset: at * range, size: range },
  }));
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, device.createBindGroup({ layout, entries }));
  pass.dispatchWorkgroups(1);
  pass.end();
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  buffer.destroy();
  return error === null ? "allowed" : error.message.split("\n")[0].slice(0, 200);
}
