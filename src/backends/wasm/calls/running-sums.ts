import { splitAtAxis } from "../../../ir/layouts.ts";
import {
  bytesOfWords,
  inputBuffer,
  outputBuffer,
  workspaceBuffer,
  type BufferReference,
  type KernelStep,
} from "../../../plan/index.ts";
import type { Recipes } from "./recipe.ts";

/** Elements of an axis that are one share where there are too few columns to share out: a node of the tree, a power of 4. */
const chunk = 4096;
/** Columns that the kernel takes together. */
const columnGroup = 16;
/** What the kernel writes. */
const modes = { inclusive: 0, fromBases: 1, exclusive: 2, totals: 3 };

/**
 * How running sums call the kernel. Where columns alone would leave threads idle, chunks of the axis are shared out
 * too: what they come to, what comes before each, and from there the sums inside of each. The tree that sums are added in is the same.
 */
export const runningSumRecipes: Recipes = {
  cumSum: ({ params: { axis, reverse }, inputs: [x] }, { parts }) => {
    const { outer, length, inner } = splitAtAxis(x.shape, axis);
    const work = outer * length * inner;
    const isInteger = x.dtype === "f32" ? 0 : 1;
    const step = (
      [from, to, bases]: readonly [BufferReference, BufferReference, BufferReference],
      sizes: readonly [length: number, reverse: boolean, chunk: number],
      mode: number,
    ): KernelStep => ({
      kernel: "cumulative",
      buffers: [from, to, bases],
      immediates: [outer, sizes[0], inner, isInteger, Number(sizes[1]), sizes[2], mode],
    });
    const input = inputBuffer(0);
    const output = outputBuffer(0);
    const columns = outer * Math.ceil(inner / columnGroup);
    if (length <= 2 * chunk || columns >= 2 * parts || parts === 1) {
      return { steps: [step([input, output, input], [length, reverse, length], modes.inclusive)] };
    }
    const sums = workspaceBuffer(0);
    const chunks = Math.ceil(length / chunk);
    const few = { work: outer * chunks * inner, flops: 0 };
    return {
      steps: [
        { ...step([input, sums, sums], [length, reverse, chunk], modes.totals), work, flops: 0 },
        { ...step([sums, sums, sums], [chunks, false, chunks], modes.exclusive), ...few },
        { ...step([input, output, sums], [length, reverse, chunk], modes.fromBases), work },
      ],
      workspaceBytes: bytesOfWords(outer * chunks * inner),
    };
  },
};
