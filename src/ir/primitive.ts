import type { Aval } from "../core/aval.ts";
import type { Words } from "../core/dtype.ts";
import type { Value } from "../core/value.ts";
import type { Lowering } from "./lowering.ts";

/** Static arguments of an operation: plain data (and sub-programs), compared by structure. */
export type Params = object;

/** A tangent or cotangent; `undefined` is a symbolic zero. */
export type Tangent = Value | undefined;

/** The rule does not exist because the function has no derivative (integer results, hashes). */
export type NonDifferentiable = "nonDifferentiable";

/** The derivative is that of the kernel's decomposition into simpler primitives. */
export type ByDecomposition = "byDecomposition";

export interface JvpResult {
  readonly primals: readonly Value[];
  readonly tangents: readonly Tangent[];
}

/**
 * Forward derivative: outputs and their tangents; written with operations of `ir/ops.ts`, linear in
 * the tangents. At least one tangent is not zero. Tangents have the primal's shape, dtype f32.
 */
export type JvpRule<P> = (
  primals: readonly Value[],
  tangents: readonly Tangent[],
  params: P,
) => JvpResult;

export interface VjpForward {
  readonly outputs: readonly Value[];
  /** What the backward half reads. */
  readonly residuals: readonly Value[];
}

/**
 * Reverse derivative by kernels of its own, in two halves that are written with operations of `ir/ops.ts`: what these say about
 * themselves gives derivatives of higher order and batches. `backward` returns a cotangent for every operand, from those
 * of *every* result (at least one of them not zero); an operand without a derivative has none.
 */
export interface FusedVjp<P> {
  readonly forward: (operands: readonly Value[], params: P) => VjpForward;
  readonly backward: (
    residuals: readonly Value[],
    cotangents: readonly Tangent[],
    params: P,
  ) => readonly Tangent[];
}

/** An operand of an equation that is being transposed: known, or linear and to be solved for. */
export type TransposeOperand =
  | { readonly linear: false; readonly value: Value; readonly aval: Aval }
  | { readonly linear: true; readonly value: undefined; readonly aval: Aval };

/** Cotangents of the linear operands from those of the outputs (at least one of them not zero). */
export type TransposeRule<P> = (
  cotangents: readonly Tangent[],
  operands: readonly TransposeOperand[],
  params: P,
) => readonly Tangent[];

/** The mapped axis of each operand or result; `undefined` is not mapped. */
export type BatchAxis = number | undefined;

export interface BatchResult {
  readonly values: readonly Value[];
  readonly axes: readonly BatchAxis[];
}

/** vmap's rule: at least one operand is mapped; `size` is the size of the mapped axis. */
export type BatchRule<P> = (
  values: readonly Value[],
  axes: readonly BatchAxis[],
  params: P,
  size: number,
) => BatchResult;

/** The operand or result of a reference implementation: its aval and its row-major words. */
export interface ReferenceArray {
  readonly aval: Aval;
  readonly words: Words;
}

/** Plain TypeScript meaning: fills the words of `outputs` from `inputs`. Obviously right, not fast. */
export type ReferenceRule<P> = (
  inputs: readonly ReferenceArray[],
  outputs: readonly ReferenceArray[],
  params: P,
) => void;

/** The same function in simpler primitives: oracle and fall-back of a fused kernel. */
export type DecomposeRule<P> = (inputs: readonly Value[], params: P) => readonly Value[];

interface PrimitiveRules<P extends Params> {
  readonly name: string;
  readonly abstractEval: (inputs: readonly Aval[], params: P) => readonly Aval[];
  /** Linear operations only; `nonLinear` for the others, whose derivative is written in linear ones. */
  readonly transpose: TransposeRule<P> | "nonLinear";
  readonly batch: BatchRule<P>;
  readonly lower: Lowering<P>;
  /** `byProgram`: control primitives, which interpreters carry out through their sub-programs. */
  readonly reference: ReferenceRule<P> | "byProgram";
  /** The equation has an effect (debug.print) and is never removed or merged. */
  readonly effectful?: boolean;
}

/** The derivative of most operations: one rule for both modes. */
export interface DerivativeByRule<P> {
  readonly jvp: JvpRule<P> | NonDifferentiable;
  /**
   * Reverse mode's rule where it differs from `jvp`: the same contract, but the primal part may only
   * read primals, so that it can run first, and the tangents come from linear operations.
   */
  readonly linearize?: JvpRule<P>;
  readonly decompose?: DecomposeRule<P>;
  readonly vjp?: never;
}

/** The derivative of a fused kernel: forward mode goes through what it decomposes into, reverse mode says for itself. */
interface DerivativeOfKernel<P> {
  readonly jvp: ByDecomposition;
  readonly vjp: FusedVjp<P> | ByDecomposition;
  readonly decompose: DecomposeRule<P>;
  readonly linearize?: never;
}

/** Everything that reformax knows about one operation. */
export type Primitive<P extends Params = Params> = PrimitiveRules<P> &
  (DerivativeByRule<P> | DerivativeOfKernel<P>);

/** Freezes the record of an operation; it becomes known by being listed in an index. */
export const definePrimitive = <P extends Params>(primitive: Primitive<P>): Primitive<P> =>
  Object.freeze(primitive);
