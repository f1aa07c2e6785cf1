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
  bytesOfWords,
  inputBuffer,
  oneStep,
  outputBuffer,
  workspaceBuffer,
  type BufferReference,
  type KernelCalls,
  type KernelRequest,
  type KernelStep,
} from "../../../plan/index.ts";
import { u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { aligned, type Recipes } from "./recipe.ts";

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
const orders = { f32: 0, i32: 1, u32: 2, bucket: 3, position: 4 } as const;

export const orderingRecipes: Recipes = {
  sort: ({ inputs: [x] }) => {
    const { rows, width: length } = rowsOf(x);
    const keys = {
      from: inputBuffer(0),
      rows,
      length,
      order: orders[wordOrder(x.dtype)],
      bits: 32,
    };
    return radixSort({ ...keys, limit: 0 }, outputBuffer(0), outputBuffer(1), 0);
  },
  bucketSort: ({ params: { numBuckets }, inputs: [buckets] }) => {
    const { rows, width: length } = rowsOf(buckets);
    const keys = { from: inputBuffer(0), rows, length, order: orders.bucket, limit: numBuckets };
    const sorted = radixSort({ ...keys, bits: bitsOf(numBuckets) }, null, outputBuffer(0), 0);
    const invertStep: KernelStep = {
      kernel: "invert",
      buffers: [outputBuffer(0), outputBuffer(1)],
      immediates: [rows, length],
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

/** Bits that tell so many numbers apart, at least one. */
const bitsOf = (count: number): number => Math.max(1, 32 - Math.clz32(count - 1));

/** Positions of rows [batch, m] among n, in ascending order, those beyond the last one behind them; and where each stood. */
export const sortByRow = (
  from: BufferReference,
  { batch, n, m }: { readonly batch: number; readonly n: number; readonly m: number },
  rows: BufferReference,
  places: BufferReference,
  free: number,
): KernelCalls =>
  radixSort(
    { from, rows: batch, length: m, order: orders.position, bits: bitsOf(n + 1), limit: n },
    rows,
    places,
    free,
  );

interface Keys {
  readonly from: BufferReference;
  readonly rows: number;
  readonly length: number;
  /** One of {@link orders}. */
  readonly order: number;
  /** How many of the order's bits there are. */
  readonly bits: number;
  /** What the order needs to know of the keys: how many buckets or rows there are. */
  readonly limit: number;
}

/**
 * A stable sort of each row, digit by digit from the lowest. Sorted keys go to `keys`, or nowhere, their indices to `indices`. Between the
 * passes both lie in the workspace, from word `free` on, in two places by turns.
 */
function radixSort(
  { from, rows, length, order, bits, limit }: Keys,
  keys: BufferReference | null,
  indices: BufferReference,
  free: number,
): KernelCalls {
  const tiles = Math.ceil(length / tile);
  const size = aligned(rows * length);
  const passes = Math.ceil(bits / digitBits);
  const place = (n: number): BufferReference => workspaceBuffer(bytesOfWords(free + n * size));
  const counts = place(4);
  const numbers = [rows, length, tiles, limit];
  const steps = Array.from({ length: passes }, (_, pass): readonly KernelStep[] => {
    const isFirst = pass === 0;
    const isLast = pass === passes - 1;
    const before = 2 * ((pass + 1) % 2);
    const after = 2 * (pass % 2);
    const source = isFirst ? from : place(before);
    const shift = pass * digitBits;
    return [
      {
        kernel: "radixCount",
        buffers: [source, counts],
        immediates: [order, shift, ...numbers],
        work: rows * length,
      },
      { kernel: "radixScan", buffers: [counts], immediates: [rows, tiles], work: rows * digits },
      {
        kernel: "radixScatter",
        buffers: [
          source,
          isFirst ? source : place(before + 1),
          counts,
          isLast && keys ? keys : place(after),
          isLast ? indices : place(after + 1),
        ],
        immediates: [order, shift, Number(isFirst), ...numbers],
        work: rows * length,
      },
    ];
  }).flat();
  return { steps, workspaceBytes: bytesOfWords(free + 4 * size + rows * digits * tiles) };
}
