import argReduceText from "../../../../shaders/argReduce.wgsl";
import invert from "../../../../shaders/invert.wgsl";
import order from "../../../../shaders/order.wgsl";
import radixCount from "../../../../shaders/radixCount.wgsl";
import radixDigit from "../../../../shaders/radixDigit.wgsl";
import radixScan from "../../../../shaders/radixScan.wgsl";
import radixScatter from "../../../../shaders/radixScatter.wgsl";
import type { DType } from "../../../core/dtype.ts";
import { rowsOf, splitAtAxis } from "../../../ir/layouts.ts";
import {
  inputBuffer,
  outputBuffer,
  workspaceBuffer,
  type BufferReference,
  type KernelCalls,
  type KernelRequest,
  type KernelStep,
} from "../../../plan/index.ts";
import { u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { aligned, bytesOfWords, oneStep, type Recipes } from "./recipe.ts";

/** Keys that a workgroup sorts, bits of a digit. */
const tile = 256;
const digitBits = 8;
const digits = 256;

export const orderingKernels: readonly KernelSource[] = [
  {
    name: "radixCount",
    granularity: "groups",
    workgroupSize: tile,
    operands: [...u32("keys"), ...written(u32("counts"))],
    constants: u32("ORDER", "SHIFT"),
    numbers: u32("rows", "length", "tiles", "limit"),
    body: [order, radixDigit, radixCount].join("\n"),
    count: ([, , rows, , tiles]) => rows * tiles,
  },
  {
    name: "radixScan",
    granularity: "groups",
    workgroupSize: digits,
    operands: written(u32("counts")),
    constants: [],
    numbers: u32("rows", "tiles"),
    body: radixScan,
    count: ([rows]) => rows,
  },
  {
    name: "radixScatter",
    granularity: "groups",
    workgroupSize: tile,
    operands: [...u32("keys", "indices", "counts"), ...written(u32("sortedKeys", "sortedIndices"))],
    constants: u32("ORDER", "SHIFT", "FIRST"),
    numbers: u32("rows", "length", "tiles", "limit"),
    body: [order, radixDigit, radixScatter].join("\n"),
    count: ([, , , rows, , tiles]) => rows * tiles,
  },
  {
    name: "invert",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("order"), ...written(u32("inverse"))],
    constants: [],
    numbers: u32("rows", "length"),
    body: invert,
    count: ([rows, length]) => rows * length,
  },
  {
    name: "argReduce",
    granularity: "threads",
    workgroupSize: 64,
    operands: [...u32("source"), ...written(u32("to"))],
    constants: u32("OP"),
    numbers: u32("outer", "length", "inner"),
    body: `${order}\n${argReduceText}`,
    count: ([, outer, , inner]) => outer * inner,
  },
];

/** How `shaders/radixDigit.wgsl` orders words. */
const orders = { f32: 0, i32: 1, u32: 2, bucket: 3 } as const;

export const orderingRecipes: Recipes = {
  sort: ({ inputs: [x] }) => radixSort(x, orders[wordOrder(x.dtype)], 32, 0, outputBuffer(0)),
  bucketSort: ({ params: { numBuckets }, inputs: [buckets] }) => {
    const bits = Math.max(1, 32 - Math.clz32(numBuckets - 1));
    const { rows, width } = rowsOf(buckets);
    const sorted = radixSort(buckets, orders.bucket, bits, numBuckets, null);
    const invertStep: KernelStep = {
      kernel: "invert",
      buffers: [outputBuffer(0), outputBuffer(1)],
      immediates: [rows, width],
    };
    return { ...sorted, steps: [...sorted.steps, invertStep] };
  },
  argMax: (request) => argReduce(request, 0),
  argMin: (request) => argReduce(request, 1),
};

function argReduce(
  { params: { axis }, inputs: [x] }: KernelRequest<{ readonly axis: number }>,
  firstOp: number,
): KernelCalls {
  const { outer, length, inner } = splitAtAxis(x.shape, axis);
  const op = firstOp + 2 * orders[wordOrder(x.dtype)];
  return oneStep("argReduce", [inputBuffer(0), outputBuffer(0)], [op, outer, length, inner]);
}

const wordOrder = (dtype: DType): "f32" | "i32" | "u32" =>
  dtype === "f32" || dtype === "u32" ? dtype : "i32";

/**
 * A stable sort of each row by `bits` bits, digit by digit from the lowest. Sorted keys go to `keys`, or nowhere, their indices to output 1, or
 * to output 0 where keys go nowhere. Between the passes both lie in the workspace, in two places by turns.
 */
function radixSort(
  x: KernelRequest["inputs"][number],
  order: number,
  bits: number,
  limit: number,
  keys: BufferReference | null,
): KernelCalls {
  const { rows, width: length } = rowsOf(x);
  const tiles = Math.ceil(length / tile);
  const size = aligned(rows * length);
  const passes = Math.ceil(bits / digitBits);
  const place = (n: number): BufferReference => workspaceBuffer(bytesOfWords(n * size));
  const counts = place(4);
  const indices = outputBuffer(keys ? 1 : 0);
  const steps = Array.from({ length: passes }, (_, pass): readonly KernelStep[] => {
    const isFirst = pass === 0;
    const isLast = pass === passes - 1;
    const before = 2 * ((pass + 1) % 2);
    const after = 2 * (pass % 2);
    const from = isFirst ? inputBuffer(0) : place(before);
    const shift = pass * digitBits;
    const numbers = [rows, length, tiles, limit];
    return [
      {
        kernel: "radixCount",
        buffers: [from, counts],
        immediates: [order, shift, ...numbers],
        work: rows * length,
      },
      { kernel: "radixScan", buffers: [counts], immediates: [rows, tiles], work: rows * digits },
      {
        kernel: "radixScatter",
        buffers: [
          from,
          isFirst ? from : place(before + 1),
          counts,
          isLast && keys ? keys : place(after),
          isLast ? indices : place(after + 1),
        ],
        immediates: [order, shift, Number(isFirst), ...numbers],
        work: rows * length,
      },
    ];
  }).flat();
  return { steps, workspaceBytes: bytesOfWords(4 * size + rows * digits * tiles) };
}
