import type { DType } from "../core/dtype.ts";
import type { Shape } from "../core/shape.ts";
import type { Expression, ScalarType } from "../ir/expression.ts";
import type { ReduceOp, View } from "../ir/lowering.ts";
import type { KernelCalls, KernelRecipe } from "./kernel-calls.ts";

/** A fused elementwise cluster: every output element from the input elements of the same index. */
export interface ElementwiseCluster {
  readonly shape: Shape;
  readonly inputs: readonly { readonly type: ScalarType; readonly view: View }[];
  /** Over the inputs; shared nodes are computed once. Results are row-major. */
  readonly outputs: readonly Expression[];
  /** Scalar operations of one element. */
  readonly operations: number;
}

/** A reduction of the middle axis of row-major [outer, length, inner]. */
export interface Reduction {
  readonly op: ReduceOp;
  readonly dtype: DType;
  readonly outer: number;
  readonly length: number;
  readonly inner: number;
}

/** Strides, in elements, of one operand of a matrix product. */
export interface MatrixStrides {
  readonly batch: number;
  /** From one row of the left operand, or column of the right one, to the next. */
  readonly free: number;
  readonly contract: number;
}

/** out[b, i, j] = sum over p of lhs[b, i, p] rhs[b, p, j], row-major f32. The sum runs in the order of p, which no layout changes. */
export interface MatrixProduct {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly lhs: MatrixStrides;
  readonly rhs: MatrixStrides;
}

/** Elements of `shape` from one view to another. */
export interface StridedCopy {
  readonly shape: Shape;
  readonly from: View;
  readonly to: View;
}

/** How a target moves elements of four bytes. Operands are input 0, results output 0. */
export interface Moves {
  /** `count` times the same bits. */
  readonly fill: (count: number, bits: number) => KernelCalls;
  readonly copy: (count: number) => KernelCalls;
  /** @throws ShapeError when more axes than it takes cannot be merged */
  readonly copyStrided: (copy: StridedCopy, where: string) => KernelCalls;
}

/**
 * What the planner must know about the machine that runs the plan: which operations it has kernels for, and how each is called.
 * A target that lacks one gets it in simpler operations, or as its reference implementation.
 */
export interface PlanTarget {
  /** By the operation's name. */
  readonly kernels: ReadonlyMap<string, KernelRecipe>;
  readonly moves: Moves;
  /** Outputs and inputs are numbered as in the cluster. An input that is read in order may share its output's storage. */
  readonly elementwise?: (cluster: ElementwiseCluster) => KernelCalls;
  readonly reduce?: (reduction: Reduction, where: string) => KernelCalls;
  readonly contract?: (product: MatrixProduct) => KernelCalls;
  /**
   * A product whose results go through a cluster, as its input number `through`, before they are stored, to the bits of two steps; undefined
   * where it is two steps. Operands are the product's two, then the cluster's other inputs; results are the cluster's, and one may share the
   * storage of an input that is read in order.
   */
  readonly contractThrough?: (
    product: MatrixProduct,
    cluster: ElementwiseCluster,
    through: number,
  ) => KernelCalls | undefined;
  /** Bytes that every value's place is a multiple of; a power of two. */
  readonly alignment: number;
  /** Operations without a kernel run as their reference implementation, on the host. */
  readonly allowReference: boolean;
}
