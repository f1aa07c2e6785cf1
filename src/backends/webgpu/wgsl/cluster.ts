import { sizeOf } from "../../../core/shape.ts";
import {
  inputBuffer,
  outputBuffer,
  type ElementwiseCluster,
  type KernelCalls,
  type PlacedCall,
} from "../../../plan/index.ts";
import {
  clusterOperands,
  elementText,
  quadAccess,
  quadFunctions,
  quadText,
} from "./cluster-text.ts";
import { inFours, type KernelSource } from "./kernel-source.ts";

/** The kernels of a program's elementwise clusters. */
export class ClusterKernels {
  readonly #kernels: KernelSource[] = [];
  readonly #quadsFrom: number;

  /** @param quadsFrom - fewest elements of which a thread takes four */
  constructor(quadsFrom: number) {
    this.#quadsFrom = quadsFrom;
  }

  calls(cluster: ElementwiseCluster): KernelCalls {
    const number = this.#kernels.push(clusterKernel(cluster, this.#quadsFrom)) - 1;
    const outputs = cluster.outputs.map((_, i) => outputBuffer(i));
    const inputs = cluster.inputs.map((_, i) => inputBuffer(i));
    const buffers = [...outputs, ...inputs];
    return { steps: [{ kernel: "elementwise", buffers, immediates: [number] }] };
  }

  kernel({ kernel, immediates }: PlacedCall): KernelSource | undefined {
    return kernel === "elementwise" ? this.#kernels[immediates[0]] : undefined;
  }
}

/** A cluster as a kernel: a thread for each element, all loads before any store. */
function clusterKernel(cluster: ElementwiseCluster, quadsFrom: number): KernelSource {
  const { shape, inputs, outputs } = cluster;
  const size = sizeOf(shape);
  const types = [...outputs, ...inputs].map(({ type }) => type).join();
  const operands = clusterOperands(cluster);
  const kernel = (body: string, count: number): KernelSource => ({
    // Equal texts on operands of equal types are one pipeline.
    name: `elementwise(${types}) ${body}`,
    granularity: "threads",
    workgroupSize: 64,
    operands: [...operands.results, ...operands.inputs],
    constants: [],
    numbers: [],
    body,
    count: () => count,
  });
  const plain = kernel(`fn thread(t: u32) {\n  ${elementText(cluster)}\n}`, size);
  if (size < quadsFrom || !inFours(size)) return plain;
  let quads: KernelSource | undefined;
  return {
    ...plain,
    wide: ({ words, immediates }) => {
      if (!inFours(...quadWords(cluster, words))) return undefined;
      quads ??= { ...kernel(quadBody(cluster), size / 4), quads: true };
      return { kernel: quads, immediates };
    },
  };
}

const quadBody = (cluster: ElementwiseCluster): string =>
  `${quadFunctions(cluster)}fn thread(quad: u32) {\n  let t = 4u * quad;\n  ${quadText(cluster)}\n}`;

/** Of the words where a cluster's operands begin, those that have to be multiples of four. */
export function quadWords(
  cluster: ElementwiseCluster,
  words: readonly number[],
): readonly number[] {
  const { length } = cluster.outputs;
  return words.filter((_, i) => i < length || quadAccess(cluster, i - length) === "quad");
}
