import type { Aval } from "../core/aval.ts";
import type { Shape } from "../core/shape.ts";
import type { ControlForms } from "./control.ts";
import type { Expression } from "./expression.ts";

/** How the planner may carry out a primitive. `P` are the primitive's params. */
export type Lowering<P> =
  | ElementwiseLowering<P>
  | ReduceLowering<P>
  | ViewLowering<P>
  | ContractLowering<P>
  | KernelLowering<P>
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
 * `offset + sum(index[axis] * strides[axis])`, in words; strides may be 0 or negative.
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

/** A buffer that a kernel step takes: an operand, a result, or workspace words at an offset. */
export type BufferReference =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "output"; readonly index: number }
  | { readonly kind: "workspace"; readonly offsetWords: number };

/** One call of a backend kernel: addresses of `buffers` first, then the `immediates` (i32 words). */
export interface KernelStep {
  readonly kernel: string;
  readonly buffers: readonly BufferReference[];
  readonly immediates: readonly number[];
  /** Its share of the floating-point operations in all; an equal one when absent. */
  readonly flops?: number;
}

/** How many kernel calls carry out the primitive, in order, and what they may do in place. */
export interface KernelCalls {
  readonly steps: readonly KernelStep[];
  readonly workspaceWords?: number;
  /** Floating-point operations in all, for reports; one per word moved when absent. */
  readonly flops?: number;
  /** Pairs [input, output] that may share storage when the input is dead afterwards. */
  readonly inPlace?: readonly (readonly [number, number])[];
}

export interface KernelLowering<P> {
  readonly kind: "kernel";
  /** `parts`: the most shares of a step that are worked on at the same time, each with workspace of its own. */
  readonly calls: (
    params: P,
    inputs: readonly Aval[],
    outputs: readonly Aval[],
    parts: number,
  ) => KernelCalls;
}

/** The operand itself, which waits in memory of the host until it is read first. */
export interface OffloadLowering {
  readonly kind: "offload";
}

/** Sub-programs and effects: what each form takes is in `control.ts`. */
export interface ControlLowering {
  readonly kind: "control";
  readonly form: keyof ControlForms;
  /** False: the call stays one however small it is, so that nothing merges with its inside (checkpoint). */
  readonly inline?: boolean;
}

export const inputBuffer = (index: number): BufferReference => ({ kind: "input", index });
export const outputBuffer = (index: number): BufferReference => ({ kind: "output", index });
export const workspaceBuffer = (offsetWords: number): BufferReference => ({
  kind: "workspace",
  offsetWords,
});

const bitsView = new DataView(new ArrayBuffer(4));

/** The i32 word that holds the bits of an f32, for kernel immediates. */
export function floatBits(value: number): number {
  bitsView.setFloat32(0, value);
  return bitsView.getInt32(0);
}

/** Elements [outer, axis sizes product, inner] around an axis: the layout most kernels work on. */
export function splitAtAxis(
  shape: Shape,
  axis: number,
): { outer: number; length: number; inner: number } {
  const product = (sizes: Shape): number => sizes.reduce((a, b) => a * b, 1);
  return {
    outer: product(shape.slice(0, axis)),
    length: shape[axis],
    inner: product(shape.slice(axis + 1)),
  };
}
