/** Run by an engine with WebGPU: compiles the shaders of a file, and prints which its front end refuses, and why. */
import { readFileSync } from "node:fs";

const adapter = await navigator.gpu.requestAdapter();
if (adapter === null) {
  console.log("no adapter");
} else {
  const device = await adapter.requestDevice();
  const shaders = JSON.parse(readFileSync(process.argv[2], "utf8")) as [string, string][];
  let compiled = 0;
  for (const [name, code] of shaders) {
    device.pushErrorScope("validation");
    device.createShaderModule({ code });
    const error = await device.popErrorScope();
    if (error === null) compiled++;
    else console.log(`${name}: ${error.message}`);
  }
  console.log(`compiled ${compiled} of ${shaders.length}`);
  device.destroy();
}
