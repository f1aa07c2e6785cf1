import type { PrimitiveName, PrimitiveParams } from "../../../ir/params.ts";
import type { KernelCalls, KernelRequest } from "../../../plan/index.ts";

/** On how many threads a plan runs, and into how many shares a step is cut at most. */
export interface Shares {
  readonly threads: number;
  readonly parts: number;
}

/** How the operations of one name call the kernels. */
export type Recipe<N extends PrimitiveName> = (
  request: KernelRequest<PrimitiveParams[N]>,
  shares: Shares,
) => KernelCalls;

/** Recipes by the operation's name. */
export type Recipes = { readonly [N in PrimitiveName]?: Recipe<N> };

/**
 * Slots of a kernel with a workspace per part, when so many parts share work that is split into `units`; at
 * least one. Parts beyond the slots have nothing to do.
 */
export const kernelSlots = (units: number, parts: number): number =>
  Math.max(1, Math.min(units, parts));
