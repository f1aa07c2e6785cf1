import { sizeOf } from "../../../core/shape.ts";
import { indexedRows } from "../../../ir/layouts.ts";
import { copyStep, inputBuffer, updatedBuffer } from "../../../plan/index.ts";
import type { Recipes } from "./recipe.ts";

/** How reading and writing at positions calls the kernels. */
export const indexingRecipes: Recipes = {
  scatterAdd: ({ params: { batchDims }, inputs: [x, indices] }) => {
    const { batch, n, inner, m } = indexedRows(x, indices, batchDims);
    return {
      steps: [
        copyStep(sizeOf(x.shape)),
        {
          kernel: "scatterAddRows",
          buffers: [inputBuffer(1), inputBuffer(2), updatedBuffer(0)],
          immediates: [batch, n, inner, m, x.dtype === "f32" ? 1 : 0],
        },
      ],
    };
  },
};
