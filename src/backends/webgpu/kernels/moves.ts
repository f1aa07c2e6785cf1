import copyStrided from "../../../../shaders/copyStrided.wgsl";
import copyWords from "../../../../shaders/copyWords.wgsl";
import fill from "../../../../shaders/fill.wgsl";
import iota from "../../../../shaders/iota.wgsl";
import { splitAtAxis } from "../../../ir/layouts.ts";
import { sizeOf, type Shape } from "../../../core/shape.ts";
import { inputBuffer, outputBuffer, type KernelStep, type Moves } from "../../../plan/index.ts";
import { u32, written, type KernelSource } from "../wgsl/kernel-source.ts";
import { oneStep, type Recipes } from "./recipe.ts";

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
  copyStrided: ({ shape, from, to }) => ({
    steps: [
      {
        kernel: "copyStrided",
        buffers: [inputBuffer(0), outputBuffer(0)],
        immediates: stridedNumbers(
          shape.map((size, axis) => ({ size, from: from.strides[axis], to: to.strides[axis] })),
          from.offset,
          to.offset,
        ),
        work: sizeOf(shape),
      },
    ],
  }),
};

export const moveRecipes: Recipes = {
  iota: ({ params: { dtype, shape, axis } }) => {
    const { outer, length, inner } = splitAtAxis(shape, axis);
    const isFloat = dtype === "f32" ? 1 : 0;
    return oneStep("iota", [outputBuffer(0)], [outer, length, inner, isFloat]);
  },
};

/** `count` words of result number `output` filled with the same bits. */
export const fillStep = (output: number, count: number, bits: number): KernelStep => ({
  kernel: "fill",
  buffers: [outputBuffer(output)],
  immediates: [count, bits],
  work: count,
  flops: 0,
});

/** `count` words from operand 0 to result 0. */
export const copyStep = (count: number): KernelStep => ({
  kernel: "copyWords",
  buffers: [inputBuffer(0), outputBuffer(0)],
  immediates: [count],
  work: count,
  isMove: true,
});

interface Axis {
  readonly size: number;
  readonly from: number;
  readonly to: number;
}

const stridedNumbers = (
  axes: readonly Axis[],
  fromOffset: number,
  toOffset: number,
): readonly number[] => {
  const merged = mergeAxes(axes);
  const column = (key: keyof Axis): Shape => merged.map((axis) => axis[key]);
  return [merged.length, ...column("size"), fromOffset, ...column("from"), toOffset].concat(
    column("to"),
  );
};

/** Neighbours whose strides continue one another become one axis; axes of size 1 disappear. */
function mergeAxes(axes: readonly Axis[]): readonly Axis[] {
  const merged: Axis[] = [];
  for (const axis of axes) {
    if (axis.size === 1) continue;
    const outer = merged.at(-1);
    const continues = outer?.from === axis.from * axis.size && outer?.to === axis.to * axis.size;
    if (outer && continues) merged[merged.length - 1] = { ...axis, size: outer.size * axis.size };
    else merged.push(axis);
  }
  return merged;
}
