import lshHash from "../../../../shaders/lshHash.wgsl";
import { inputBuffer, oneStep, outputBuffer } from "../../../plan/index.ts";
import { f32, u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import type { Recipes } from "./recipe.ts";

export const hashingKernels: readonly KernelSource[] = [
  {
    name: "lshHash",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...f32("x", "rotations"), ...written(u32("to"))],
    constants: u32("D"),
    numbers: u32("outer", "groups", "length", "rounds", "columns", "factors"),
    rest: true,
    body: lshHash,
    count: ([, outer, , length, rounds]) => outer * length * rounds,
  },
];

export const hashingRecipes: Recipes = {
  lshHash: ({ params: { sizes }, inputs: [x, rotations] }) => {
    const [outer, length, width] = x.shape;
    const [groups, , rounds] = rotations.shape;
    const columns = sizes.reduce((sum, size) => sum + size / 2, 0);
    return oneStep(
      "lshHash",
      [inputBuffer(0), inputBuffer(1), outputBuffer(0)],
      [width, outer, groups, length, rounds, columns, sizes.length, ...sizes],
    );
  },
};
