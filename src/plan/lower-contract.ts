import type { ContractLowering } from "../ir/lowering.ts";
import type { Params } from "../ir/primitive.ts";
import { sizeOf } from "../core/shape.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Node, Operand } from "./graph.ts";
import type { Place } from "./storage.ts";
import type { MatrixProduct, MatrixStrides, PlanTarget } from "./target.ts";
import { permuteView, singleAxis, wholeView, type ShapedView } from "./view.ts";

/** A run of axes as one: its number of elements and how many elements lie between them. */
interface Axis {
  readonly size: number;
  readonly stride: number;
}

/** One operand of a matrix product: batch, rows (or columns) and contraction, each a single stride. */
interface MatrixOperand {
  readonly place: Place;
  readonly batch: Axis;
  readonly free: Axis;
  readonly contract: Axis;
}

interface AxisGroups {
  readonly batch: readonly number[];
  readonly free: readonly number[];
  readonly contract: readonly number[];
}

/**
 * One matrix product with the operands' own strides. The contraction runs over the contracted axes in the
 * order of the spec whatever the layout, so that folding a view changes no bit.
 */
export function lowerContract(
  builder: FunctionBuilder,
  node: Node,
  lower: ContractLowering<Params>,
  callsOf: NonNullable<PlanTarget["contract"]>,
): void {
  const { product, operands, flops } = productOf(builder, node, lower);
  builder.emitCalls({
    name: node.name,
    calls: callsOf(product),
    reads: operands,
    writes: [builder.storageFor(node.results[0])],
    flops,
  });
}

/** The product that a contraction is, and where its operands lie; what cannot be read as it lies is copied. */
export function productOf(
  builder: FunctionBuilder,
  node: Node,
  lower: ContractLowering<Params>,
): {
  readonly product: MatrixProduct;
  readonly operands: readonly [Place, Place];
  readonly flops: number;
} {
  const { equation, name } = node;
  const spec = lower.spec(equation.params);
  const [left, right] = equation.inputs.map(({ aval }) => aval.shape.length);
  const first = {
    operand: node.operands[0],
    groups: groupsOf(left, spec.lhsBatch, spec.lhsContract),
  };
  const second = {
    operand: node.operands[1],
    groups: groupsOf(right, spec.rhsBatch, spec.rhsContract),
  };
  const [rows, columns] = node.swapped ? [second, first] : [first, second];
  const lhs =
    splitRows(builder, rows.operand, rows.groups, name) ??
    matrixOperand(builder, rows.operand, rows.groups, name);
  const rhs = matrixOperand(builder, columns.operand, columns.groups, name);
  const [batch, m, n, k] = [lhs.batch.size, lhs.free.size, rhs.free.size, rhs.contract.size];
  const product = {
    batch,
    m,
    n,
    k,
    lhs: stridesOf(lhs),
    rhs: { ...stridesOf(rhs), batch: rhs.batch.size === batch ? rhs.batch.stride : 0 },
  };
  return { product, operands: [lhs.place, rhs.place], flops: 2 * batch * m * n * k };
}

const stridesOf = ({ batch, free, contract }: MatrixOperand): MatrixStrides => ({
  batch: batch.stride,
  free: free.stride,
  contract: contract.stride,
});

function groupsOf(rank: number, batch: readonly number[], contract: readonly number[]): AxisGroups {
  const taken = new Set([...batch, ...contract]);
  const free = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !taken.has(axis));
  return { batch, free, contract };
}

const axisOf = (view: ShapedView, axes: readonly number[]): Axis | undefined =>
  singleAxis(
    axes.map((axis) => view.shape[axis]),
    axes.map((axis) => view.strides[axis]),
  );

/** The operand with its own strides, or copied with batch, free and contracted axes in this order. */
function matrixOperand(
  builder: FunctionBuilder,
  operand: Operand,
  groups: AxisGroups,
  name: string,
): MatrixOperand {
  const { place, view } = builder.strided(operand, name);
  const folded = fold(place, view, groups);
  if (folded) return folded;
  const order = [...groups.batch, ...groups.free, ...groups.contract];
  const permuted = permuteView(viewOf(operand), order);
  const copy = builder.contiguous(withView(operand, permuted), name);
  const counts = [groups.batch.length, groups.batch.length + groups.free.length];
  const axes = order.map((_, i) => i);
  const inOrder: AxisGroups = {
    batch: axes.slice(0, counts[0]),
    free: axes.slice(counts[0], counts[1]),
    contract: axes.slice(counts[1]),
  };
  const made = fold(copy, wholeView(permuted.shape), inOrder);
  if (!made) throw new Error(`the planner cannot lay out an operand of ${name}`);
  return made;
}

const viewOf = (operand: Operand): ShapedView =>
  operand.kind === "view"
    ? operand.view
    : { shape: operand.shape, offset: 0, strides: operand.shape.map(() => 0) };

const withView = (operand: Operand, view: ShapedView): Operand =>
  operand.kind === "view" ? { ...operand, view } : { ...operand, shape: view.shape };

function fold(place: Place, view: ShapedView, groups: AxisGroups): MatrixOperand | undefined {
  const batch = axisOf(view, groups.batch);
  const free = axisOf(view, groups.free);
  const contract = axisOf(view, groups.contract);
  return batch && free && contract ? { place, batch, free, contract } : undefined;
}

/** Without batch axes the batch may take the outer part of rows that do not merge into one stride. */
function splitRows(
  builder: FunctionBuilder,
  operand: Operand,
  groups: AxisGroups,
  name: string,
): MatrixOperand | undefined {
  const { place, view } = builder.strided(operand, name);
  if (sizeOf(groups.batch.map((axis) => view.shape[axis])) !== 1) return undefined;
  if (axisOf(view, groups.free)) return undefined;
  const contract = axisOf(view, groups.contract);
  if (!contract) return undefined;
  for (let split = 1; split < groups.free.length; split++) {
    const batch = axisOf(view, groups.free.slice(0, split));
    const free = axisOf(view, groups.free.slice(split));
    if (batch && free) return { place, batch, free, contract };
  }
  return undefined;
}
