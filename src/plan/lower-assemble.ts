import type { AssembleLowering } from "../ir/lowering.ts";
import type { Params } from "../ir/primitive.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Node } from "./graph.ts";
import type { BufferReference, KernelStep } from "./kernel-calls.ts";

/** A result put together from pieces of the operands, as one step of strided copies. */
export function lowerAssemble(
  builder: FunctionBuilder,
  node: Node,
  lower: AssembleLowering<Params>,
): void {
  const { equation, name } = node;
  const { moves } = builder.context.target;
  const inputs = equation.inputs.map((atom) => atom.aval);
  const pieces = lower.pieces(equation.params, inputs, equation.outputs[0].aval);
  const steps = pieces.flatMap(({ input, ...copy }) =>
    moves.copyStrided(copy, name).steps.map((step) => ofOperand(step, input)),
  );
  builder.emitCalls({
    name,
    calls: { steps },
    reads: node.operands.map((operand) => builder.contiguous(operand, name)),
    writes: node.results.map((value) => builder.storageFor(value)),
  });
}

/** A move of operand 0 as one of another operand. */
function ofOperand(step: KernelStep, index: number): KernelStep {
  const renumber = (buffer: BufferReference): BufferReference =>
    buffer.kind === "input" ? { ...buffer, index } : buffer;
  return { ...step, buffers: step.buffers.map(renumber) };
}
