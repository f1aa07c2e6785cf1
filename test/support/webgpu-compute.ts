/** Runs one shader over words, for tests of what shaders compute. */

/**
 * The words that `code` computes. Its bindings: 0 to n - 1 the inputs, read-only, n the output; its entry is `main`, called
 * once for every `workgroup` invocations that `count` needs.
 * @throws with the compiler's messages and their lines, if the code does not compile; with the device's, if it refuses a
 * buffer or the dispatch
 */
export async function computeWords(
  device: GPUDevice,
  code: string,
  inputs: readonly Uint32Array[],
  count: number,
  workgroup: number,
): Promise<Uint32Array> {
  const pipeline = await compile(device, code);
  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  const output = device.createBuffer({
    size: 4 * count,
    usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC,
  });
  const staging = device.createBuffer({
    size: 4 * count,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  const buffers = [...inputs.map((words) => upload(device, words)), output];
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(
    0,
    device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    }),
  );
  pass.dispatchWorkgroups(Math.ceil(count / workgroup));
  pass.end();
  encoder.copyBufferToBuffer(output, 0, staging, 0, 4 * count);
  device.queue.submit([encoder.finish()]);
  const refusals = [await device.popErrorScope(), await device.popErrorScope()];
  for (const refusal of refusals) if (refusal !== null) throw new Error(refusal.message);
  await staging.mapAsync(GPUMapMode.READ);
  const words = new Uint32Array(staging.getMappedRange()).slice();
  for (const buffer of [...buffers, staging]) buffer.destroy();
  return words;
}

async function compile(device: GPUDevice, code: string): Promise<GPUComputePipeline> {
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ code });
  const { messages } = await module.getCompilationInfo();
  await device.popErrorScope();
  const errors = messages.filter(({ type }) => type === "error");
  if (errors.length > 0) throw new Error(shaderErrors(code, errors));
  return device.createComputePipelineAsync({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
}

function shaderErrors(code: string, errors: readonly GPUCompilationMessage[]): string {
  const lines = code.split("\n");
  return errors
    .map(({ message, lineNum }) => `line ${lineNum}: ${message}\n  ${lines[lineNum - 1] ?? ""}`)
    .join("\n");
}

function upload(device: GPUDevice, words: Uint32Array): GPUBuffer {
  const buffer = device.createBuffer({
    size: words.byteLength,
    usage: GPUBufferUsage.STORAGE,
    mappedAtCreation: true,
  });
  new Uint32Array(buffer.getMappedRange()).set(words);
  buffer.unmap();
  return buffer;
}
