import layerNorm from "../../../../shaders/layerNorm.wgsl";
import layerNormBackward from "../../../../shaders/layerNormBackward.wgsl";
import layerNormPartials from "../../../../shaders/layerNormPartials.wgsl";
import rowSums from "../../../../shaders/rowSums.wgsl";
import softmaxCrossEntropy from "../../../../shaders/softmaxCrossEntropy.wgsl";
import softmaxCrossEntropyBackward from "../../../../shaders/softmaxCrossEntropyBackward.wgsl";
import { floatBits } from "../../../core/dtype.ts";
import { rowsOf } from "../../../ir/layouts.ts";
import {
  bytesOfWords,
  inputBuffer,
  oneStep,
  outputBuffer,
  workspaceBuffer,
} from "../../../plan/index.ts";
import { f32, i32, u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { aligned, type Recipes } from "./recipe.ts";
import { sumCalls } from "./reduce.ts";

/** Rows whose contributions to the cotangents of gamma and beta are summed by one thread. */
const rowsPerBlock = 64;

export const rowKernels: readonly KernelSource[] = [
  {
    name: "layerNorm",
    granularity: "groups",
    workgroupSize: 64,
    operands: [...f32("x", "gamma", "beta"), ...written(f32("y", "mean", "rstd"))],
    constants: [],
    numbers: [...u32("rows", "width"), ...f32("epsilon")],
    body: `${rowSums}\n${layerNorm}`,
    count: ([rows]) => rows,
  },
  {
    name: "layerNormPartials",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...f32("x", "mean", "rstd", "dy"), ...written(f32("partials"))],
    constants: [],
    numbers: u32("rows", "width", "perBlock"),
    body: layerNormPartials,
    count: ([rows, width, perBlock]) => Math.ceil(rows / perBlock) * width,
  },
  {
    name: "layerNormBackward",
    granularity: "groups",
    workgroupSize: 64,
    operands: [...f32("x", "gamma", "mean", "rstd", "dy"), ...written(f32("dx"))],
    constants: [],
    numbers: u32("rows", "width"),
    body: `${rowSums}\n${layerNormBackward}`,
    count: ([rows]) => rows,
  },
  {
    name: "softmaxCrossEntropy",
    granularity: "groups",
    workgroupSize: 64,
    operands: [...f32("logits"), ...i32("labels"), ...written(f32("loss", "lse"))],
    constants: [],
    numbers: u32("rows", "classes"),
    body: `${rowSums}\n${softmaxCrossEntropy}`,
    count: ([rows]) => rows,
  },
  {
    name: "softmaxCrossEntropyBackward",
    granularity: "threads",
    workgroupSize: 64,
    operands: [
      ...f32("logits"),
      ...i32("labels"),
      ...f32("lse", "cotangent"),
      ...written(f32("dlogits")),
    ],
    constants: [],
    numbers: u32("rows", "classes"),
    body: softmaxCrossEntropyBackward,
    count: ([rows, classes]) => rows * classes,
  },
];

export const rowRecipes: Recipes = {
  layerNorm: ({ params: { epsilon }, inputs: [x] }) => {
    const { rows, width } = rowsOf(x);
    const buffers = [...[0, 1, 2].map(inputBuffer), ...[0, 1, 2].map(outputBuffer)];
    return oneStep("layerNorm", buffers, [rows, width, floatBits(epsilon)]);
  },
  layerNormBackward: ({ inputs: [x] }) => {
    const { rows, width } = rowsOf(x);
    const blocks = Math.ceil(rows / rowsPerBlock);
    const half = blocks * width;
    const sizes = { outer: 1, length: blocks, inner: width };
    const free = aligned(Math.max(1, 2 * half));
    const partial = (part: number) => workspaceBuffer(bytesOfWords(part * half));
    const sums = [0, 1].map((part) => sumCalls(sizes, partial(part), outputBuffer(1 + part), free));
    return {
      steps: [
        {
          kernel: "layerNormPartials",
          buffers: [...[0, 2, 3, 4].map(inputBuffer), workspaceBuffer(0)],
          immediates: [rows, width, rowsPerBlock],
        },
        {
          kernel: "layerNormBackward",
          buffers: [...[0, 1, 2, 3, 4].map(inputBuffer), outputBuffer(0)],
          immediates: [rows, width],
        },
        ...sums.flatMap(({ steps }) => steps.map((step) => ({ ...step, flops: 0 }))),
      ],
      workspaceBytes: Math.max(...sums.map(({ workspaceBytes = 0 }) => workspaceBytes)),
    };
  },
};
