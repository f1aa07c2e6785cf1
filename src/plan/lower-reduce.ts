import { isFixed, type DType } from "../core/dtype.ts";
import { DTypeError } from "../core/errors.ts";
import { sizeOf } from "../core/shape.ts";
import { splitAtAxis, type ReduceLowering, type ReduceOp } from "../ir/lowering.ts";
import type { Params } from "../ir/primitive.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Node } from "./graph.ts";
import { placeIn, type Place } from "./storage.ts";

/** Codes of the `reduce` kernel by element type. */
const codes: Record<"f32" | "i32" | "u32" | "bool", Partial<Record<ReduceOp, number>>> = {
  f32: { sum: 0, product: 1, max: 2, min: 3 },
  i32: { sum: 4, product: 5, max: 6, min: 7, and: 10, or: 11 },
  u32: { sum: 4, product: 5, max: 8, min: 9, and: 10, or: 11 },
  bool: { and: 10, or: 11, max: 11, min: 10 },
};

function codeOf(op: ReduceOp, dtype: DType, where: string): number {
  const code = codes[isFixed(dtype) ? "i32" : dtype][op];
  if (code === undefined) throw new DTypeError(`no ${op} of ${dtype}`, { where });
  return code;
}

/**
 * Reduces runs of neighbouring axes, the last run first: each run is one `reduce` over the shape
 * [outer, length, inner]. The order of accumulation depends on the operand's shape alone.
 */
export function lowerReduce(
  builder: FunctionBuilder,
  node: Node,
  lower: ReduceLowering<Params>,
): void {
  const { params, inputs } = node.equation;
  const { shape, dtype } = inputs[0].aval;
  const code = codeOf(lower.op(params), dtype, node.name);
  let current = builder.contiguous(node.operands[0], node.name);
  let remaining = shape;
  const runs = reducedRuns(shape, lower.axes(params));
  if (runs.length === 0) {
    builder.copyWords(current, builder.storageFor(node.results[0]), node.name, true);
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
      : builder.newStorage(sizeOf(remaining), node.name);
    const { outer, length, inner } = splitAtAxis(joined, start);
    const call = {
      kernel: "reduce",
      buffers: [current, placeIn(output)],
      immediates: [outer, length, inner, code],
      work: outer * length * inner,
    };
    builder.emitKernel(node.name, call, [current], output, call.work);
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
