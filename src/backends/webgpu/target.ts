import { BackendError } from "../../core/errors.ts";
import type { KernelRecipe, PlacedCall, PlanTarget } from "../../plan/index.ts";
import { kernels, recipes } from "./kernels/index.ts";
import type { HalfProducts } from "./half-products.ts";
import { Products } from "./kernels/matmul.ts";
import { moves } from "./kernels/moves.ts";
import { reduce } from "./kernels/reduce.ts";
import type { TileChoice } from "./kernels/tiles.ts";
import { ClusterKernels } from "./wgsl/cluster.ts";
import type { KernelSource } from "./wgsl/kernel-source.ts";

/** What WebGPU asks of the offsets of bindings: so windows of the arena can begin at any value. */
const alignment = 256;

/** The WGSL kernels as the planner sees them, and the kernels that a plan made for it names. */
export interface GpuTarget {
  readonly target: PlanTarget;
  readonly kernelOf: (call: PlacedCall) => KernelSource;
}

/** What a plan may be made with. */
export interface TargetOptions {
  /** Operations without a kernel run as their reference implementation. */
  readonly allowReference?: boolean;
  /** Fewest results of a product that go through a cluster. */
  readonly fuseProductsFrom?: number;
  /** Fewest elements that are read and written four at a time. */
  readonly quadsFrom?: number;
  /** Where products round their operands to f16. */
  readonly half?: HalfProducts;
  /** The tiles of products, in place of those of the table. */
  readonly tiles?: TileChoice;
}

/** Results that leave the caches of large devices before the next kernel reads them. */
const manyResults = 2 ** 20;

/** With fewer elements there are more threads than work: four a thread would leave some idle. */
export const enoughForQuads = 2 ** 14;

/** A target for one program: its elementwise clusters become kernels of their own. */
export function gpuTarget({
  allowReference = false,
  fuseProductsFrom = manyResults,
  quadsFrom = enoughForQuads,
  half,
  tiles = {},
}: TargetOptions = {}): GpuTarget {
  const clusters = new ClusterKernels(quadsFrom);
  const products = new Products({ fuseProductsFrom, quadsFrom, half, tiles });
  return {
    target: {
      // A recipe gets requests for the operation that it is listed under, hence with that one's params.
      kernels: new Map(Object.entries(recipes) as readonly (readonly [string, KernelRecipe])[]),
      moves,
      elementwise: (cluster) => clusters.calls(cluster),
      reduce,
      contract: (product) => products.contract(product),
      contractThrough: (...given) => products.contractThrough(...given),
      alignment,
      allowReference,
    },
    kernelOf: (call) => {
      const kernel = kernels.get(call.kernel) ?? clusters.kernel(call) ?? products.kernel(call);
      if (kernel) return kernel;
      throw new BackendError("the plan names a kernel that is not there", { where: call.kernel });
    },
  };
}
