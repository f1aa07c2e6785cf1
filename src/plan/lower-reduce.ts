import { bytesPerElement } from "../core/dtype.ts";
import { sizeOf } from "../core/shape.ts";
import { splitAtAxis } from "../ir/layouts.ts";
import type { ReduceLowering } from "../ir/lowering.ts";
import type { Params } from "../ir/primitive.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Node } from "./graph.ts";
import { placeIn, type Place } from "./storage.ts";
import type { PlanTarget } from "./target.ts";

/**
 * Reduces runs of neighbouring axes, the last run first: each run is one reduction of [outer, length, inner]. The order of accumulation depends on the operand's shape alone.
 */
export function lowerReduce(
  builder: FunctionBuilder,
  node: Node,
  lower: ReduceLowering<Params>,
  callsOf: NonNullable<PlanTarget["reduce"]>,
): void {
  const { params, inputs } = node.equation;
  const { shape, dtype } = inputs[0].aval;
  const op = lower.op(params);
  let current = builder.contiguous(node.operands[0], node.name);
  let remaining = shape;
  const runs = reducedRuns(shape, lower.axes(params));
  if (runs.length === 0) {
    builder.copy(current, builder.storageFor(node.results[0]), node.name, true);
    return;
  }
  runs.forEach(({ start, end }, i) => {
    const joined = [
      ...remaining.slice(0, start),
      sizeOf(remaining.slice(start, end)),
      ...remaining.slice(end),
    ];
    remaining = [...remaining.slice(0, start), ...remaining.slice(end)];
    const last = i === runs.length - 1;
    const output = last
      ? builder.storageFor(node.results[0])
      : builder.newStorage(sizeOf(remaining) * bytesPerElement(dtype), node.name);
    const reduction = { op, dtype, ...splitAtAxis(joined, start) };
    builder.emitCalls({
      name: node.name,
      calls: callsOf(reduction, node.name),
      reads: [current],
      writes: [output],
      flops: sizeOf(joined),
    });
    current = placeIn(output) satisfies Place;
  });
}

/** Runs [start, end) of neighbouring reduced axes, last first; axes of size 1 alone are no work. */
function reducedRuns(
  shape: readonly number[],
  axes: readonly number[],
): readonly { readonly start: number; readonly end: number }[] {
  const reduced = new Set(axes);
  const runs: { start: number; end: number }[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (!reduced.has(axis)) continue;
    const open = runs.at(-1);
    if (open && open.start === axis + 1) open.start = axis;
    else runs.push({ start: axis, end: axis + 1 });
  }
  // Summing one element leaves it alone, except that 0 + -0 is 0: the kernel's business, not skipped.
  return runs;
}
