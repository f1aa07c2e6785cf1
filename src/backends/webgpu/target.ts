import { BackendError } from "../../core/errors.ts";
import type { KernelRecipe, PlacedCall, PlanTarget } from "../../plan/index.ts";
import { kernels, recipes } from "./kernels/index.ts";
import { matmul } from "./kernels/matmul.ts";
import { moves } from "./kernels/moves.ts";
import { reduce } from "./kernels/reduce.ts";
import { ClusterKernels } from "./wgsl/cluster.ts";
import type { KernelSource } from "./wgsl/kernel-source.ts";

/** What WebGPU asks of the offsets of bindings: so windows of the arena can begin at any value. */
const alignment = 256;

/** The WGSL kernels as the planner sees them, and the kernels that a plan made for it names. */
export interface GpuTarget {
  readonly target: PlanTarget;
  readonly kernelOf: (call: PlacedCall) => KernelSource;
}

/** A target for one program: its elementwise clusters become kernels of their own. */
export function gpuTarget(allowReference: boolean): GpuTarget {
  const clusters = new ClusterKernels();
  return {
    target: {
      // A recipe gets requests for the operation that it is listed under, hence with that one's params.
      kernels: new Map(Object.entries(recipes) as readonly (readonly [string, KernelRecipe])[]),
      moves,
      elementwise: (cluster) => clusters.calls(cluster),
      reduce,
      contract: matmul,
      alignment,
      allowReference,
    },
    kernelOf: (call) => {
      const kernel = kernels.get(call.kernel) ?? clusters.kernel(call);
      if (kernel) return kernel;
      throw new BackendError("the plan names a kernel that is not there", { where: call.kernel });
    },
  };
}
