import type { Shape } from "../core/shape.ts";
import type { Expression, ScalarType } from "../ir/expression.ts";
import type { View } from "../ir/lowering.ts";

/** A fused elementwise cluster: every output element from the input elements of the same index. */
export interface TileCluster {
  readonly shape: Shape;
  readonly inputs: readonly { readonly type: ScalarType; readonly view: View }[];
  /** Over the inputs; shared nodes are computed once. Results are row-major. */
  readonly outputs: readonly Expression[];
}

/** What the planner must know about the machine that runs the plan. */
export interface PlanTarget {
  /** Kernels by name; the position is part of the opcode. */
  readonly kernels: readonly string[];
  /** Immediates of the `elementwise` kernel. */
  compileTileProgram(cluster: TileCluster): readonly number[];
  /** Threads that share steps. */
  readonly threads: number;
  /** The most shares of a step: decides how much workspace kernels get. */
  readonly parts: number;
  /** Operations without a kernel run as their reference implementation, on the host. */
  readonly allowReference: boolean;
}

/** Optimisations; none of them changes a bit of any result. */
export interface PlanFlags {
  /** Equal equations are computed once. */
  readonly cse: boolean;
  /** Calls of tiny programs become part of the caller. */
  readonly inline: boolean;
  /** Operations on numbers that are known are carried out by the planner. */
  readonly foldConstants: boolean;
  /** Elementwise operations run together. */
  readonly fusion: boolean;
  /** Transposes, slices and broadcasts are read in place by their consumers. */
  readonly foldViews: boolean;
  /** Results take over the storage of operands that die. */
  readonly inPlace: boolean;
  /**
   * Operands of at least so many words that die at a call may be overwritten by the callee, which is
   * then a variant of its own.
   */
  readonly smallestDonation: number;
  /** Debugging: dead storage is overwritten with NaNs. */
  readonly poison: boolean;
}

export const defaultFlags: PlanFlags = {
  cse: true,
  inline: true,
  foldConstants: true,
  fusion: true,
  foldViews: true,
  inPlace: true,
  smallestDonation: 1024,
  poison: false,
};
