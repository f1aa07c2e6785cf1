import type { PrimitiveName, PrimitiveParams } from "../../../ir/params.ts";
import type { KernelCalls, KernelRequest } from "../../../plan/index.ts";

/** How the operations of one name call the kernels. */
export type Recipe<N extends PrimitiveName> = (
  request: KernelRequest<PrimitiveParams[N]>,
) => KernelCalls;

/** Recipes by the operation's name. */
export type Recipes = { readonly [N in PrimitiveName]?: Recipe<N> };

/** Bytes of so many words. */
export const bytesOfWords = (words: number): number => 4 * words;

/** Where the next of several workspaces may begin. */
export const aligned = (words: number): number => Math.ceil(words / 4) * 4;

/** Calls that are a single step. */
export const oneStep = (
  kernel: string,
  buffers: KernelCalls["steps"][number]["buffers"],
  immediates: readonly number[],
): KernelCalls => ({ steps: [{ kernel, buffers, immediates }] });
