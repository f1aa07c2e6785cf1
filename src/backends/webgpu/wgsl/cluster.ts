import { sizeOf } from "../../../core/shape.ts";
import { recordExpressions } from "../../../ir/scalar/record-expressions.ts";
import {
  inputBuffer,
  outputBuffer,
  type ElementwiseCluster,
  type KernelCalls,
  type PlacedCall,
} from "../../../plan/index.ts";
import { mergeAxes } from "../../../plan/view.ts";
import type { KernelSource, Operand } from "./kernel-source.ts";
import { printLanes } from "./print.ts";

/** The kernels of a program's elementwise clusters. */
export class ClusterKernels {
  readonly #kernels: KernelSource[] = [];

  calls(cluster: ElementwiseCluster): KernelCalls {
    const number = this.#kernels.push(clusterKernel(cluster)) - 1;
    const outputs = cluster.outputs.map((_, i) => outputBuffer(i));
    const inputs = cluster.inputs.map((_, i) => inputBuffer(i));
    const buffers = [...outputs, ...inputs];
    return { steps: [{ kernel: "elementwise", buffers, immediates: [number] }] };
  }

  kernel({ kernel, immediates }: PlacedCall): KernelSource | undefined {
    return kernel === "elementwise" ? this.#kernels[immediates[0]] : undefined;
  }
}

const operand = (name: string, type: string): Operand => ({
  name,
  type: type === "f32" ? "f32" : "i32",
});

/** A cluster as a kernel: a thread for each element, all loads before any store. */
function clusterKernel(cluster: ElementwiseCluster): KernelSource {
  const { shape, inputs, outputs } = cluster;
  const size = sizeOf(shape);
  const body = bodyOf(cluster);
  const types = [...outputs, ...inputs].map(({ type }) => type).join();
  return {
    // Equal texts on operands of equal types are one pipeline.
    name: `elementwise(${types}) ${body}`,
    granularity: "threads",
    workgroupSize: 64,
    operands: [
      ...outputs.map(({ type }, i) => ({ ...operand(`y${i}`, type), writes: true as const })),
      ...inputs.map(({ type }, i) => operand(`x${i}`, type)),
    ],
    constants: [],
    numbers: [],
    body,
    count: () => size,
  };
}

function bodyOf({ shape, inputs, outputs }: ElementwiseCluster): string {
  const loads = inputs.map(({ view }, i) => {
    const merged = mergeAxes({ shape, offset: view.offset, strides: view.strides });
    return `let a${i} = x${i}(${place(merged)});`;
  });
  const { statements, results } = printLanes(recordExpressions(outputs), (i) => `a${i}`);
  const stores = results.map((result, i) => `set_y${i}(t, ${result});`);
  return `fn thread(t: u32) {\n  ${[...loads, ...statements, ...stores].join("\n  ")}\n}`;
}

interface Merged {
  readonly shape: readonly number[];
  readonly offset: number;
  readonly strides: readonly number[];
}

/** Where element t of the iteration lies. */
function place({ shape, offset, strides }: Merged): string {
  const terms: string[] = [];
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const stride = strides[axis];
    const isFirst = axis === 0;
    const divided = step === 1 ? "t" : `t / ${step}u`;
    const index = isFirst ? divided : `(${divided}) % ${shape[axis]}u`;
    if (stride !== 0) terms.push(stride === 1 ? index : `(${index}) * ${stride >>> 0}u`);
    step *= shape[axis];
  }
  if (offset !== 0 || terms.length === 0) terms.push(`${offset >>> 0}u`);
  return terms.map((term) => (terms.length > 1 ? `(${term})` : term)).join(" + ");
}
