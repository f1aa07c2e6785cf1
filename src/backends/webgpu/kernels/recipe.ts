import type { PrimitiveName, PrimitiveParams } from "../../../ir/params.ts";
import type { KernelCalls, KernelRequest } from "../../../plan/index.ts";

/** How the operations of one name call the kernels. */
export type Recipe<N extends PrimitiveName> = (
  request: KernelRequest<PrimitiveParams[N]>,
) => KernelCalls;

/** Recipes by the operation's name. */
export type Recipes = { readonly [N in PrimitiveName]?: Recipe<N> };

/** Where the next of several workspaces may begin. */
export const aligned = (words: number): number => Math.ceil(words / 4) * 4;
