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

/** The derivative follows from the kernel's decomposition into simpler primitives. */
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

/** Everything that reformax knows about one operation. */
export interface Primitive<P extends Params = Params> {
  readonly name: string;
  readonly abstractEval: (inputs: readonly Aval[], params: P) => readonly Aval[];
  readonly jvp: JvpRule<P> | NonDifferentiable | ByDecomposition;
  /**
   * Reverse mode's rule where it differs from `jvp`: the same contract, but the primal part may only
   * read primals, so that it can run first, and the tangents come from linear operations.
   */
  readonly linearize?: JvpRule<P>;
  /** Linear operations only; `nonLinear` for the others, whose jvp is written in linear ones. */
  readonly transpose: TransposeRule<P> | "nonLinear";
  readonly batch: BatchRule<P>;
  readonly lower: Lowering<P>;
  /** `byProgram`: control primitives, which interpreters carry out through their sub-programs. */
  readonly reference: ReferenceRule<P> | "byProgram";
  /** Required of kernels that have a derivative: see {@link ByDecomposition}. */
  readonly decompose?: DecomposeRule<P>;
  /** The equation has an effect (debug.print) and is never removed or merged. */
  readonly effectful?: boolean;
}

/** Freezes the record of an operation; it becomes known by being listed in an index. */
export const definePrimitive = <P extends Params>(primitive: Primitive<P>): Primitive<P> =>
  Object.freeze(primitive);
