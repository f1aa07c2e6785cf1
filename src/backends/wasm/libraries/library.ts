import type { Params } from "../../../ir/primitive.ts";
import type { KernelCalls, KernelRequest } from "../../../plan/index.ts";
import type { Shares } from "../calls/recipe.ts";
import type { WasmModule } from "../web-assembly.ts";

/** How the operations of one name call kernels; their params are as the operation has them. */
export type LibraryRecipe<P extends Params = Params> = (
  request: KernelRequest<P>,
  shares: Shares,
) => KernelCalls;

/**
 * Kernels from outside of reformax, and the operations that they are for. They run in plans, on every thread, like
 * the backend's own; docs/design/kernels.md says how a kernel is called and what it must keep to.
 *
 * @experimental how kernels are called may change in any version
 */
export interface KernelLibrary {
  /** For messages. */
  readonly name: string;
  /**
   * A WebAssembly module. It imports the memory `env.memory` and nothing else, and has no data and no start function of its own: the
   * memory is the backend's. With AssemblyScript: `asc --runtime stub --importMemory --use abort=`. It may be built for shared memory or
   * for ordinary memory; every thread has an instance.
   */
  readonly module: Uint8Array;
  /**
   * Functions that the module exports, of the form `(args: i32, part: i32, parts: i32): void`. Recipes and plans know them by
   * these names, which no other kernel may have.
   */
  readonly kernels: readonly string[];
  /** How operations that have no recipe yet call kernels, the backend's own included, by the operation's name. */
  readonly recipes: Readonly<Record<string, LibraryRecipe<never>>>;
}

/** A library that threads can instantiate. */
export interface LoadedLibrary {
  readonly module: WasmModule;
  /** In the order of their places in the table of functions. */
  readonly kernels: readonly string[];
}
