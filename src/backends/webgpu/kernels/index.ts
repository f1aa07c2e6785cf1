import { commonRecipes } from "../../../plan/index.ts";
import type { KernelSource } from "../wgsl/kernel-source.ts";
import { attentionKernels, attentionRecipes } from "./attention.ts";
import { cumulativeKernels, cumulativeRecipes } from "./cumulative.ts";
import { hashingKernels, hashingRecipes } from "./hashing.ts";
import { indexingKernels, indexingRecipes } from "./indexing.ts";
import { moveKernels } from "./moves.ts";
import { orderingKernels, orderingRecipes } from "./ordering.ts";
import { randomKernels, randomRecipes } from "./random.ts";
import type { Recipes } from "./recipe.ts";
import { reduceKernels } from "./reduce.ts";
import { rowKernels, rowRecipes } from "./rows.ts";

/** The kernels of `shaders/` by name. */
export const kernels: ReadonlyMap<string, KernelSource> = new Map(
  [
    ...attentionKernels,
    ...cumulativeKernels,
    ...hashingKernels,
    ...indexingKernels,
    ...moveKernels,
    ...orderingKernels,
    ...randomKernels,
    ...reduceKernels,
    ...rowKernels,
  ].map((kernel) => [kernel.name, kernel]),
);

/** How every operation with kernels of its own calls them. */
export const recipes: Recipes = {
  ...commonRecipes,
  ...attentionRecipes,
  ...cumulativeRecipes,
  ...hashingRecipes,
  ...indexingRecipes,
  ...orderingRecipes,
  ...randomRecipes,
  ...rowRecipes,
};
