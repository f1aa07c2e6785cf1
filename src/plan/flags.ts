import type { KindsOf } from "../core/arguments.ts";

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
   * Operands of at least so many bytes that die at a call may be overwritten by the callee, which is
   * then a variant of its own.
   */
  readonly smallestDonation: number;
  /** Debugging: dead storage is overwritten with NaNs. */
  readonly poison: boolean;
}

/** What each may be, where callers choose. */
export const flagKinds: KindsOf<PlanFlags> = {
  cse: "flag",
  inline: "flag",
  foldConstants: "flag",
  fusion: "flag",
  foldViews: "flag",
  inPlace: "flag",
  smallestDonation: "number",
  poison: "flag",
};

export const defaultFlags: PlanFlags = {
  cse: true,
  inline: true,
  foldConstants: true,
  fusion: true,
  foldViews: true,
  inPlace: true,
  smallestDonation: 4096,
  poison: false,
};
