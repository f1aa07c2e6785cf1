import block from "../../../../shaders/block.wgsl";
import dynamicSlice from "../../../../shaders/dynamicSlice.wgsl";
import dynamicUpdateSlice from "../../../../shaders/dynamicUpdateSlice.wgsl";
import gatherRows from "../../../../shaders/gatherRows.wgsl";
import permuteRows from "../../../../shaders/permuteRows.wgsl";
import plus from "../../../../shaders/plus.wgsl";
import scatterAddRows from "../../../../shaders/scatterAddRows.wgsl";
import scatterSortedRows from "../../../../shaders/scatterSortedRows.wgsl";
import { sizeOf } from "../../../core/shape.ts";
import { indexedRows } from "../../../ir/layouts.ts";
import {
  blockAxes,
  bytesOfWords,
  copyStep,
  inputBuffer,
  updatedBuffer,
  workspaceBuffer,
} from "../../../plan/index.ts";
import { i32, u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { sortByRow } from "./ordering.ts";
import { aligned, type Recipes } from "./recipe.ts";

/** So many updates a thread adds one after another, without sorting them. */
const fewUpdates = 64;

const starts = i32(...Array.from({ length: blockAxes }, (_, axis) => `start${axis}`));

export const indexingKernels: readonly KernelSource[] = [
  {
    name: "gatherRows",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...i32("indices"), ...written(u32("to"))],
    constants: [],
    numbers: u32("batch", "n", "inner", "m"),
    body: gatherRows,
    count: ([batch, , inner, m]) => batch * inner * m,
  },
  {
    name: "scatterAddRows",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("indices", "updates"), ...written(u32("to"))],
    constants: u32("IS_FLOAT"),
    numbers: u32("batch", "n", "inner", "m"),
    body: `${plus}\n${scatterAddRows}`,
    count: ([, batch, , inner]) => batch * inner,
  },
  {
    name: "scatterSortedRows",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("rows", "places", "updates"), ...written(u32("to"))],
    constants: u32("IS_FLOAT"),
    numbers: u32("batch", "n", "inner", "m"),
    body: `${plus}\n${scatterSortedRows}`,
    count: ([, batch, n, inner]) => batch * n * inner,
  },
  {
    name: "permuteRows",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...i32("permutation"), ...written(u32("to"))],
    constants: [],
    numbers: u32("groups", "length", "width"),
    body: permuteRows,
    count: sizeOf,
  },
  {
    name: "dynamicSlice",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...written(u32("to")), ...starts],
    constants: [],
    numbers: u32("rank"),
    rest: true,
    body: `${block}\n${dynamicSlice}`,
    count: ([rank, ...rest]) => sizeOf(rest.slice(rank, 2 * rank)),
  },
  {
    name: "dynamicUpdateSlice",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("update"), ...written(u32("to")), ...starts],
    constants: [],
    numbers: u32("rank"),
    rest: true,
    body: `${block}\n${dynamicUpdateSlice}`,
    count: ([rank, ...rest]) => sizeOf(rest.slice(rank, 2 * rank)),
  },
];

export const indexingRecipes: Recipes = {
  scatterAdd: ({ params: { batchDims }, inputs: [x, indices] }) => {
    const { batch, n, inner, m } = indexedRows(x, indices, batchDims);
    const immediates = [Number(x.dtype === "f32"), batch, n, inner, m];
    const work = batch * m * inner;
    const copy = copyStep(sizeOf(x.shape));
    if (m <= fewUpdates) {
      const buffers = [inputBuffer(1), inputBuffer(2), updatedBuffer(0)];
      return { steps: [copy, { kernel: "scatterAddRows", buffers, immediates, work }] };
    }
    const size = aligned(batch * m);
    const [rows, places] = [workspaceBuffer(0), workspaceBuffer(bytesOfWords(size))];
    const sorted = sortByRow(inputBuffer(1), { batch, n, m }, rows, places, 2 * size);
    return {
      steps: [
        copy,
        ...sorted.steps.map((step) => ({ ...step, flops: 0 })),
        {
          kernel: "scatterSortedRows",
          buffers: [rows, places, inputBuffer(2), updatedBuffer(0)],
          immediates,
          work,
        },
      ],
      workspaceBytes: sorted.workspaceBytes,
    };
  },
};
