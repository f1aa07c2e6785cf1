import randomBits from "../../../../shaders/randomBits.wgsl";
import threefry from "../../../../shaders/threefry.wgsl";
import threefry2x32 from "../../../../shaders/threefry2x32.wgsl";
import { sizeOf } from "../../../core/shape.ts";
import { inputBuffer, oneStep, outputBuffer } from "../../../plan/index.ts";
import { u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import type { Recipes } from "./recipe.ts";

export const randomKernels: readonly KernelSource[] = [
  {
    name: "threefry2x32",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("key0", "key1", "counter0", "counter1"), ...written(u32("to0", "to1"))],
    constants: [],
    numbers: u32("size"),
    body: `${threefry}\n${threefry2x32}`,
    count: ([size]) => size,
  },
  {
    name: "randomBits",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("key"), ...written(u32("to"))],
    constants: [],
    numbers: u32("keys", "perKey"),
    body: `${threefry}\n${randomBits}`,
    count: ([keys, perKey]) => keys * perKey,
  },
];

export const randomRecipes: Recipes = {
  threefry2x32: ({ inputs: [key0] }) =>
    oneStep(
      "threefry2x32",
      [...[0, 1, 2, 3].map(inputBuffer), outputBuffer(0), outputBuffer(1)],
      [sizeOf(key0.shape)],
    ),
  randomBits: ({ params: { shape }, inputs: [key] }) =>
    oneStep(
      "randomBits",
      [inputBuffer(0), outputBuffer(0)],
      [sizeOf(key.shape) / 2, sizeOf(shape)],
    ),
};
