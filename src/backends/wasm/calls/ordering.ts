import type { DType } from "../../../core/dtype.ts";
import { rowsOf, splitAtAxis } from "../../../ir/layouts.ts";
import {
  bytesOfWords,
  inputBuffer,
  oneStep,
  outputBuffer,
  workspaceBuffer,
  type KernelCalls,
  type KernelRequest,
} from "../../../plan/index.ts";
import { kernelSlots, type Recipes } from "./recipe.ts";

/** Words of the radix sort's histogram, beside the second copy of keys and indices. */
const histogramWords = 1024;

const sorted = [inputBuffer(0), outputBuffer(0), outputBuffer(1), workspaceBuffer(0)];

/** How sorting, counting and choosing call the kernels. */
export const orderingRecipes: Recipes = {
  sort: ({ inputs: [x] }, { parts }) => {
    const { rows, width } = rowsOf(x);
    const slots = kernelSlots(rows, parts);
    return {
      ...oneStep("sortRows", sorted, [rows, width, keyType(x.dtype), slots]),
      workspaceBytes: bytesOfWords(slots * (2 * width + histogramWords)),
    };
  },
  bucketSort: ({ params: { numBuckets }, inputs: [buckets] }, { parts }) => {
    const { rows, width } = rowsOf(buckets);
    const slots = kernelSlots(rows, parts);
    return {
      ...oneStep("bucketSort", sorted, [rows, width, numBuckets, slots]),
      workspaceBytes: bytesOfWords(slots * numBuckets),
    };
  },
  argMax: (request) => argReduce(request, 0),
  argMin: (request) => argReduce(request, 1),
};

function argReduce(
  { params: { axis }, inputs: [x] }: KernelRequest<{ readonly axis: number }>,
  firstOp: number,
): KernelCalls {
  const { outer, length, inner } = splitAtAxis(x.shape, axis);
  const op = firstOp + typeOffset(x.dtype);
  return oneStep("argReduce", [inputBuffer(0), outputBuffer(0)], [outer, length, inner, op]);
}

/** Distance of argReduce's op codes for a dtype from those for f32. */
function typeOffset(dtype: DType): number {
  if (dtype === "f32") return 0;
  return dtype === "u32" ? 4 : 2;
}

/** sortRows' code for the order of a dtype's words. */
function keyType(dtype: DType): number {
  if (dtype === "f32") return 0;
  return dtype === "u32" ? 2 : 1;
}
