import { Tensor } from "../core/tensor.ts";
import { sizeOf } from "../core/shape.ts";
import { BackendError } from "../core/errors.ts";
import type { HostForm } from "../ir/control.ts";
import type { KernelLowering } from "../ir/lowering.ts";
import type { Params } from "../ir/primitive.ts";
import { bytesMoved, type FunctionBuilder } from "./function-builder.ts";
import type { Node } from "./graph.ts";
import { placeIn, type Place, type Storage } from "./storage.ts";

/** The target's calls for an operation, as one step. */
export function lowerKernel(
  builder: FunctionBuilder,
  node: Node,
  lower: KernelLowering<Params>,
): void {
  const { equation, name } = node;
  const { params } = equation;
  const recipe = builder.context.recipeFor(equation.primitive.name, name);
  if (!recipe) {
    lowerReference(builder, node);
    return;
  }
  const inputs = equation.inputs.map((atom) => atom.aval);
  const outputs = equation.outputs.map((variable) => variable.aval);
  builder.emitCalls({
    name,
    calls: recipe({ params, inputs, outputs }),
    reads: node.operands.map((operand) => builder.contiguous(operand, name)),
    writes: node.results.map((value) => builder.storageFor(value)),
    inPlace: lower.inPlace,
    flops: lower.flops?.(params, inputs),
    effect: node.effect,
  });
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
