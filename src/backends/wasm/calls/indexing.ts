import { sizeOf } from "../../../core/shape.ts";
import { indexedRows, splitAtAxis } from "../../../ir/layouts.ts";
import { blockArguments, inputBuffer, outputBuffer, updatedBuffer } from "../../../plan/index.ts";
import { copyStep } from "./moves.ts";
import { oneStep, type Recipes } from "./recipe.ts";

/** How reading and writing at positions calls the kernels. */
export const indexingRecipes: Recipes = {
  gather: ({ params: { batchDims }, inputs: [x, indices] }) => {
    const { batch, n, inner, m } = indexedRows(x, indices, batchDims);
    const buffers = [inputBuffer(0), inputBuffer(1), outputBuffer(0)];
    return oneStep("gatherRows", buffers, [batch, n, inner, m]);
  },
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
  permute: ({ inputs: [x] }) =>
    oneStep("permuteRows", [inputBuffer(0), inputBuffer(1), outputBuffer(0)], x.shape),
  dynamicSlice: ({ params: { sizes }, inputs: [x] }) => {
    const { starts, immediates } = blockArguments("dynamicSlice", x.shape, sizes, 1);
    return oneStep("dynamicSlice", [inputBuffer(0), outputBuffer(0), ...starts], immediates);
  },
  dynamicUpdateSlice: ({ inputs: [x, update] }) => {
    const { starts, immediates } = blockArguments("dynamicUpdateSlice", x.shape, update.shape, 2);
    return {
      steps: [
        copyStep(sizeOf(x.shape)),
        {
          kernel: "dynamicUpdateSlice",
          buffers: [inputBuffer(1), updatedBuffer(0), ...starts],
          immediates,
        },
      ],
    };
  },
  iota: ({ params: { dtype, shape, axis } }) => {
    const { outer, length, inner } = splitAtAxis(shape, axis);
    const immediates = [outer, length, inner, dtype === "f32" ? 1 : 0];
    return oneStep("iota", [outputBuffer(0)], immediates);
  },
};
