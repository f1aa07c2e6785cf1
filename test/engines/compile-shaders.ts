/** Compiles the shader of every scalar operation with the engine's own front end, and prints what it says against them. */
import { scalarOps, type ScalarOp } from "../../src/ir/expression.ts";
import { opShader } from "../backends/webgpu/formula-shader.ts";

const adapter = await navigator.gpu.requestAdapter();
if (adapter === null) {
  console.log("no adapter");
} else {
  const device = await adapter.requestDevice();
  const ops = Object.keys(scalarOps) as ScalarOp[];
  let compiled = 0;
  for (const op of ops) {
    device.pushErrorScope("validation");
    device.createShaderModule({ code: opShader(op) });
    const error = await device.popErrorScope();
    if (error === null) compiled++;
    else console.log(`${op}: ${error.message}`);
  }
  console.log(`compiled ${compiled} of ${ops.length}`);
  device.destroy();
}
