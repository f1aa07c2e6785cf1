import { commonRecipes } from "../../../plan/index.ts";
import { attentionRecipes } from "./attention.ts";
import { decodingRecipes } from "./decoding.ts";
import { indexingRecipes } from "./indexing.ts";
import { orderingRecipes } from "./ordering.ts";
import type { Recipes } from "./recipe.ts";
import { rowRecipes } from "./rows.ts";
import { runningSumRecipes } from "./running-sums.ts";

/** How every operation with a kernel of its own calls the kernels. */
export const recipes: Recipes = {
  ...commonRecipes,
  ...attentionRecipes,
  ...decodingRecipes,
  ...indexingRecipes,
  ...orderingRecipes,
  ...rowRecipes,
  ...runningSumRecipes,
};
