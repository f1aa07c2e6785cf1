import { Tensor } from "../core/tensor.ts";
import { sizeOf } from "../core/shape.ts";
import { BackendError } from "../core/errors.ts";
import type { HostForm } from "../ir/control.ts";
import type { BufferReference, KernelLowering } from "../ir/lowering.ts";
import type { Params } from "../ir/primitive.ts";
import { bytesMoved, type FunctionBuilder } from "./function-builder.ts";
import type { Node } from "./graph.ts";
import { placeIn, type Place, type Storage } from "./storage.ts";

/** The kernel calls of a primitive as one step. */
export function lowerKernel(
  builder: FunctionBuilder,
  node: Node,
  lower: KernelLowering<Params>,
): void {
  const { context } = builder;
  const { equation, name } = node;
  const outputAvals = equation.outputs.map((variable) => variable.aval);
  const calls = lower.calls(
    equation.params,
    equation.inputs.map((atom) => atom.aval),
    outputAvals,
    context.target.parts,
  );
  if (!calls.steps.every(({ kernel }) => context.hasKernelFor(kernel, name))) {
    lowerReference(builder, node);
    return;
  }
  const reads = node.operands.map((operand) => builder.contiguous(operand, name));
  const writes = node.results.map((value) => builder.storageFor(value));
  const workspaceWords = calls.workspaceWords ?? 0;
  const workspace =
    workspaceWords > 0 ? [builder.newStorage(workspaceWords, `${name} workspace`)] : [];
  const placeOf = (reference: BufferReference): Place => {
    if (reference.kind === "input") return reads[reference.index];
    if (reference.kind === "output") return placeIn(writes[reference.index]);
    return placeIn(workspace[0], reference.offsetWords);
  };
  const bytes = bytesMoved(reads, writes);
  const flops = calls.flops ?? bytes / 4;
  builder.emit(
    {
      name,
      body: {
        kind: "kernels",
        calls: calls.steps.map(({ kernel, buffers, immediates, ...step }) => {
          const share = step.flops ?? flops / calls.steps.length;
          return {
            kernel,
            buffers: buffers.map(placeOf),
            immediates,
            work: Math.max(share, bytes / 4 / calls.steps.length),
            flops: share,
          };
        }),
      },
      reads,
      writes,
      temporaries: workspace,
      share: calls.inPlace ?? [],
      isCopy: false,
      inputs: [],
      flops,
      bytes,
    },
    node.effect,
  );
}

/** The primitive's own plain implementation, run by the host. */
export function lowerReference(builder: FunctionBuilder, node: Node): void {
  const { primitive, params, inputs, outputs } = node.equation;
  const { reference } = primitive;
  if (reference === "byProgram") {
    throw new BackendError("a control operation has no reference implementation", {
      where: node.name,
    });
  }
  const callback = builder.context.addCallback({
    name: primitive.name,
    inputs: inputs.map((atom) => atom.aval),
    outputs: outputs.map((variable) => variable.aval),
    run: (operands, results) => reference(operands, results, params),
  });
  emitHost(builder, node, {
    callback,
    reads: readsOf(builder, node),
    writes: node.results.map((value) => builder.storageFor(value)),
    flops: node.results.reduce((sum, { aval }) => sum + sizeOf(aval.shape), 0),
  });
}

/** An effect on the host, which gets tensors of its own. */
export function lowerHost(builder: FunctionBuilder, node: Node, { run }: HostForm): void {
  const { inputs } = node.equation;
  const callback = builder.context.addCallback({
    name: node.name,
    inputs: inputs.map((atom) => atom.aval),
    outputs: [],
    run: (operands) => run(operands.map(({ aval, words }) => new Tensor(aval, words.slice()))),
  });
  emitHost(builder, node, { callback, reads: readsOf(builder, node), writes: [] });
}

/** What a step of the host does to memory. */
export interface HostMove {
  readonly callback: number;
  readonly reads: readonly Place[];
  readonly writes: readonly Storage[];
  readonly flops?: number;
  /** Bytes that the host keeps from here on; negative where it gives them back. */
  readonly parks?: number;
}

const readsOf = (builder: FunctionBuilder, node: Node): readonly Place[] =>
  node.operands.map((operand) => builder.contiguous(operand, node.name));

/** Appends a step of the host for a node. */
export function emitHost(
  builder: FunctionBuilder,
  node: Node,
  { callback, reads, writes, flops = 0, parks }: HostMove,
): void {
  builder.emit(
    {
      name: node.name,
      body: {
        kind: "host",
        callback,
        buffers: [...reads, ...writes.map((storage) => placeIn(storage))],
        parks,
      },
      reads,
      writes,
      temporaries: [],
      share: [],
      isCopy: false,
      inputs: [],
      flops,
      bytes: bytesMoved(reads, writes),
    },
    node.effect,
  );
}
