import copyStrided from "../../../../shaders/copyStrided.wgsl";
import copyWords from "../../../../shaders/copyWords.wgsl";
import fill from "../../../../shaders/fill.wgsl";
import iota from "../../../../shaders/iota.wgsl";
import { sizeOf } from "../../../core/shape.ts";
import { copyStep, copyStridedStep, fillStep, type Moves } from "../../../plan/index.ts";
import { u32, written, type KernelSource } from "../wgsl/kernel-source.ts";

export const moveKernels: readonly KernelSource[] = [
  {
    name: "fill",
    granularity: "threads",
    workgroupSize: 64,
    operands: written(u32("to")),
    constants: [],
    numbers: u32("count", "bits"),
    body: fill,
    count: ([count]) => count,
  },
  {
    name: "copyWords",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...written(u32("to"))],
    constants: [],
    numbers: u32("count"),
    body: copyWords,
    count: ([count]) => count,
  },
  {
    name: "copyStrided",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...written(u32("to"))],
    constants: [],
    numbers: u32("rank"),
    rest: true,
    body: copyStrided,
    count: ([rank, ...rest]) => sizeOf(rest.slice(0, rank)),
  },
  {
    name: "iota",
    granularity: "threads",
    workgroupSize: 64,
    operands: written(u32("to")),
    constants: [],
    numbers: u32("outer", "length", "inner", "isFloat"),
    body: iota,
    count: ([outer, length, inner]) => outer * length * inner,
  },
];

/** How the kernels `fill`, `copyWords` and `copyStrided` are called. */
export const moves: Moves = {
  fill: (count, bits) => ({ steps: [fillStep(0, count, bits)] }),
  copy: (count) => ({ steps: [copyStep(count)] }),
  copyStrided: (copy) => ({ steps: [copyStridedStep(copy)] }),
};
