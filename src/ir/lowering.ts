import type { Aval } from "../core/aval.ts";
import type { Shape } from "../core/shape.ts";
import type { Expression } from "./expression.ts";

/** How the planner may carry out a primitive. `P` are the primitive's params. */
export type Lowering<P> =
  | ElementwiseLowering<P>
  | ReduceLowering<P>
  | ViewLowering<P>
  | ContractLowering<P>
  | KernelLowering<P>
  | AssembleLowering<P>
  | OffloadLowering
  | ControlLowering;

/** One output, same shape as all operands; the expression of one element. */
export interface ElementwiseLowering<P> {
  readonly kind: "elementwise";
  readonly expression: (params: P, inputs: readonly Aval[]) => Expression;
}

export type ReduceOp = "sum" | "product" | "max" | "min" | "and" | "or";

/** One operand reduced over `axes`, which disappear from the shape. */
export interface ReduceLowering<P> {
  readonly kind: "reduce";
  readonly op: (params: P) => ReduceOp;
  readonly axes: (params: P) => readonly number[];
}

/**
 * Where the elements of a result lie in the storage of the operand: element index
 * `offset + sum(index[axis] * strides[axis])`, in elements; strides may be 0 or negative.
 */
export interface View {
  readonly offset: number;
  readonly strides: readonly number[];
}

/** One operand whose elements are only re-arranged; given the operand as contiguous row-major. */
export interface ViewLowering<P> {
  readonly kind: "view";
  readonly view: (params: P, input: Aval, output: Aval) => View;
}

/** Contraction of two operands: out[batch..., lhsFree..., rhsFree...], as `lax.dotGeneral`. */
export interface ContractSpec {
  readonly lhsBatch: readonly number[];
  readonly rhsBatch: readonly number[];
  readonly lhsContract: readonly number[];
  readonly rhsContract: readonly number[];
}

export interface ContractLowering<P> {
  readonly kind: "contract";
  readonly spec: (params: P) => ContractSpec;
}

/** A kernel of the target, found by the operation's name; how it is called is the target's business. */
export interface KernelLowering<P> {
  readonly kind: "kernel";
  /** Pairs [input, output] that may share storage when the input is dead afterwards. */
  readonly inPlace?: readonly (readonly [number, number])[];
  /** Floating-point operations in all, for reports; one per word moved when absent. */
  readonly flops?: (params: P, inputs: readonly Aval[]) => number;
}

/** Elements of `shape` of an operand, seen through `from`, that become the elements of the result seen through `to`. */
export interface Piece {
  readonly input: number;
  readonly shape: Shape;
  readonly from: View;
  readonly to: View;
}

/** A result that is put together from pieces of the operands, in order: later ones cover earlier ones. */
export interface AssembleLowering<P> {
  readonly kind: "assemble";
  readonly pieces: (params: P, inputs: readonly Aval[], output: Aval) => readonly Piece[];
}

/** The operand itself, which waits in memory of the host until it is read first. */
export interface OffloadLowering {
  readonly kind: "offload";
}

/** What a control operation does with its sub-programs, or on the host. */
export type ControlForm = "call" | "scan" | "cond" | "while" | "host";

/** Sub-programs and effects: what each form takes is in `control.ts`. */
export interface ControlLowering {
  readonly kind: "control";
  readonly form: ControlForm;
  /** False: the call stays one however small it is, so that nothing merges with its inside (checkpoint). */
  readonly inline?: boolean;
}
