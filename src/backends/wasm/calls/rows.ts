import { floatBits } from "../../../core/dtype.ts";
import { sizeOf } from "../../../core/shape.ts";
import { rowsOf } from "../../../ir/layouts.ts";
import {
  bytesOfWords,
  inputBuffer,
  oneStep,
  outputBuffer,
  workspaceBuffer,
} from "../../../plan/index.ts";
import { sumRowsStep } from "./reduce.ts";
import { kernelSlots, type Recipes } from "./recipe.ts";

/** Rows whose contributions to dgamma and dbeta are summed in order before the blocks are summed. */
const rowsPerBlock = 64;

/** Tokens that lshHash projects together. */
const tokensPerBlock = 64;

/** How operations on the rows of an array call the kernels. */
export const rowRecipes: Recipes = {
  layerNorm: ({ params: { epsilon }, inputs: [x] }) => {
    const { rows, width } = rowsOf(x);
    const buffers = [...[0, 1, 2].map(inputBuffer), ...[0, 1, 2].map(outputBuffer)];
    return oneStep("layerNorm", buffers, [rows, width, floatBits(epsilon)]);
  },
  layerNormBackward: ({ inputs: [x] }) => {
    const { rows, width } = rowsOf(x);
    const blocks = Math.ceil(rows / rowsPerBlock);
    const partial = (part: number) => workspaceBuffer(bytesOfWords(part * blocks * width));
    const buffers = [...[0, 1, 2, 3, 4].map(inputBuffer), outputBuffer(0), workspaceBuffer(0)];
    return {
      steps: [
        { kernel: "layerNormBackward", buffers, immediates: [rows, width, rowsPerBlock] },
        sumRowsStep(partial(0), outputBuffer(1), blocks, width),
        sumRowsStep(partial(1), outputBuffer(2), blocks, width),
      ],
      // A step that names the workspace needs one, also when there is no row.
      workspaceBytes: bytesOfWords(Math.max(1, 2 * blocks * width)),
    };
  },
  lshHash: ({ params: { sizes }, inputs: [x, rotations] }, { parts }) => {
    const [groups, length, width] = x.shape;
    const slots = kernelSlots(groups * Math.ceil(length / tokensPerBlock), parts);
    const buffers = [inputBuffer(0), inputBuffer(1), outputBuffer(0), workspaceBuffer(0)];
    const shapes = [groups, rotations.shape[0], length, width, rotations.shape[2]];
    return {
      ...oneStep("lshHash", buffers, [...shapes, slots, sizes.length, ...sizes]),
      workspaceBytes: bytesOfWords(slots * (72 * width + 544)),
    };
  },
  threefry2x32: ({ inputs: [k0] }) =>
    oneStep(
      "threefry2x32",
      [...[0, 1, 2, 3].map(inputBuffer), outputBuffer(0), outputBuffer(1)],
      [sizeOf(k0.shape)],
    ),
  randomBits: ({ params: { shape }, inputs: [key] }) =>
    oneStep(
      "randomBits",
      [inputBuffer(0), outputBuffer(0)],
      [sizeOf(key.shape) / 2, sizeOf(shape)],
    ),
};
