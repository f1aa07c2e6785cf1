import type { KernelRecipe, PlanTarget } from "../../plan/index.ts";
import { recipes } from "./calls/index.ts";
import { matmul } from "./calls/matmul.ts";
import { moves } from "./calls/moves.ts";
import { reduce } from "./calls/reduce.ts";
import type { Shares } from "./calls/recipe.ts";
import type { KernelLibrary } from "./libraries/library.ts";
import { elementwise } from "./tile-program.ts";

/** Kernels may expect buffers at multiples of so many bytes. */
const alignment = 16;

/** What choices of the backend the planner needs to know. */
export interface TargetOptions extends Shares {
  readonly allowReference: boolean;
  readonly libraries?: readonly KernelLibrary[];
}

/** The WASM kernels as the planner sees them. */
export function wasmTarget({
  allowReference,
  libraries = [],
  ...shares
}: TargetOptions): PlanTarget {
  const tables = [recipes, ...libraries.map((library) => library.recipes)];
  return {
    kernels: new Map(
      tables.flatMap(Object.entries).map(([name, recipe]): [string, KernelRecipe] => [
        name,
        // A recipe gets requests for the operation that it is listed under, hence with that one's params.
        (request) => (recipe as (...args: unknown[]) => ReturnType<KernelRecipe>)(request, shares),
      ]),
    ),
    moves,
    elementwise,
    reduce,
    contract: (product) => matmul(product, shares),
    alignment,
    allowReference,
  };
}
