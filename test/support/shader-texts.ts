/** The WGSL of whole programs, without a device: what a front end is given when they run. */
import { gpuTarget, type GpuTarget } from "../../src/backends/webgpu/target.ts";
import { kernelText } from "../../src/backends/webgpu/wgsl/kernel-text.ts";
import { libraryFor } from "../../src/backends/webgpu/wgsl/library.ts";
import type { Backend } from "../../src/ir/backend.ts";
import {
  calleesOf,
  defaultFlags,
  planProgram,
  type PlacedCall,
  type PlanFunction,
} from "../../src/plan/index.ts";
import { zeroBackend } from "./model-plans.ts";

/** Texts, each once, and the names of their kernels. */
export type Shaders = Map<string, string>;

/** Computes zeros, and adds the shaders of every program to `shaders`. */
export const shaderCollector = (shaders: Shaders): Backend => ({
  ...zeroBackend,
  compile: (program) => {
    const { target, kernelOf } = gpuTarget({ allowReference: true });
    const { main } = planProgram(program, target, defaultFlags);
    for (const { steps } of functionsFrom(main)) {
      for (const { body } of steps) if (body.kind === "kernel") add(shaders, body, kernelOf);
    }
    return zeroBackend.compile(program);
  },
});

/** Every function of a plan, however often it is called. */
function functionsFrom(main: PlanFunction): ReadonlySet<PlanFunction> {
  const found = new Set([main]);
  for (const each of found) {
    for (const { body } of each.steps) {
      if (body.kind === "kernel" || body.kind === "host") continue;
      for (const callee of calleesOf(body)) found.add(callee);
    }
  }
  return found;
}

function add(shaders: Shaders, call: PlacedCall, kernelOf: GpuTarget["kernelOf"]): void {
  const plain = { kernel: kernelOf(call), immediates: call.immediates };
  const words = call.buffers.map(() => 0);
  // Its twin as well, as if everything began at the beginning.
  const wide = plain.kernel.wide?.({ immediates: call.immediates, words });
  for (const { kernel, immediates } of wide ? [plain, wide] : [plain]) {
    const variant = { constants: immediates.slice(0, kernel.constants.length), windows: words };
    shaders.set(kernelText(kernel, variant, libraryFor(kernel.body, true)), kernel.name);
  }
}
