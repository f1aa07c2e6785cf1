/** A target of its own: kernels written in plain JavaScript, called through the steps of a plan. Nothing here knows WebAssembly. */
import { wordsOf, type Words } from "../../src/core/dtype.ts";
import { Tensor } from "../../src/core/tensor.ts";
import { sizeOf } from "../../src/core/shape.ts";
import { compileExpression } from "../../src/ir/scalar/evaluate.ts";
import type { Program } from "../../src/ir/program.ts";
import {
  inputBuffer,
  outputBuffer,
  planProgram,
  workspaceBuffer,
  type BufferReference,
  type ElementwiseCluster,
  type ExecutionPlan,
  type KernelCalls,
  type KernelRecipe,
  type PlanFlags,
  type PlanTarget,
} from "../../src/plan/index.ts";
import { addressOf, runPlan, type Kernel, type Machine } from "./plan-interpreter.ts";
import { forEachIndex, testRecipes } from "./plan-primitives.ts";

const clusters: ElementwiseCluster[] = [];

interface Memory {
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
}

/** A kernel on word indices. */
type Body = (buffers: readonly number[], immediates: readonly number[], memory: Memory) => void;

const bodies: Record<string, Body> = {
  fill: ([to], [count, bits], { i32 }) => void i32.fill(bits, to, to + count),
  copy: ([from, to], [count], { i32 }) => void i32.copyWithin(to, from, from + count),
  copyStrided: ([from, to], [rank, ...numbers], { i32 }) => {
    const list = (start: number): readonly number[] => numbers.slice(start, start + rank);
    const [shape, inStrides, outStrides] = [list(0), list(rank + 1), list(2 * rank + 2)];
    const [inOffset, outOffset] = [numbers[rank], numbers[2 * rank + 1]];
    const dot = (index: readonly number[], strides: readonly number[]): number =>
      index.reduce((sum, i, axis) => sum + i * strides[axis], 0);
    forEachIndex(shape, (index) => {
      i32[to + outOffset + dot(index, outStrides)] = i32[from + inOffset + dot(index, inStrides)];
    });
  },
  sum: ([from, to], [outer, length, inner], { f32 }) => {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let l = 0; l < length; l++) sum += f32[from + (o * length + l) * inner + i];
        f32[to + o * inner + i] = sum;
      }
    }
  },
  matmul: ([a, b, out, space], immediates, { f32 }) => {
    const [batch, m, n, k, aBatch, aRow, aColumn, bBatch, bRow, bColumn] = immediates;
    for (let g = 0; g < batch; g++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) {
            sum +=
              f32[a + g * aBatch + i * aRow + l * aColumn] *
              f32[b + g * bBatch + l * bRow + j * bColumn];
          }
          f32[out + (g * m + i) * n + j] = sum;
        }
      }
    }
    // A kernel may leave anything in its workspace.
    f32.fill(Number.NaN, space, space + multiplySpace);
  },
  addOne: ([from, to], [count], { f32 }) => {
    for (let i = 0; i < count; i++) f32[to + i] = (f32[from + i] % 97) + 1;
  },
  elementwise: runCluster,
};

/** Words of workspace that a product scribbles on. */
const multiplySpace = 24;

/** The program of a cluster is its number; the inputs of a block of elements are read before its results are written. */
function runCluster(
  buffers: readonly number[],
  [cluster]: readonly number[],
  memory: Memory,
): void {
  const { shape, inputs: views, outputs: expressions } = clusters[cluster];
  const block = 3;
  const of = (type: string): Words =>
    type === "f32" ? memory.f32 : type === "u32" ? memory.u32 : memory.i32;
  const functions = expressions.map(compileExpression);
  let pending: (() => void)[] = [];
  forEachIndex(shape, (index, position) => {
    const elements = views.map(({ type, view }, i) => {
      const offset = index.reduce((sum, n, axis) => sum + n * view.strides[axis], view.offset);
      return of(type)[buffers[expressions.length + i] + offset];
    });
    functions.forEach((f, i) => {
      const value = f(elements);
      pending.push(() => (of(expressions[i].type)[buffers[i] + position] = value));
    });
    if (position % block === block - 1) {
      pending.forEach((write) => write());
      pending = [];
    }
  });
  pending.forEach((write) => write());
}

const one = (
  kernel: string,
  buffers: readonly BufferReference[],
  immediates: readonly number[],
): KernelCalls => ({ steps: [{ kernel, buffers, immediates }] });

const fromTo = [inputBuffer(0), outputBuffer(0)];

/** A target whose kernels are those above. */
export const testTarget: PlanTarget = {
  kernels: new Map<string, KernelRecipe>(Object.entries(testRecipes)),
  moves: {
    fill: (count, bits) => one("fill", [outputBuffer(0)], [count, bits]),
    copy: (count) => ({
      steps: [{ kernel: "copy", buffers: fromTo, immediates: [count], isMove: true }],
    }),
    copyStrided: ({ shape, from, to }) =>
      one("copyStrided", fromTo, [
        shape.length,
        ...shape,
        from.offset,
        ...from.strides,
        to.offset,
        ...to.strides,
      ]),
  },
  elementwise: (cluster) =>
    one(
      "elementwise",
      [
        ...cluster.outputs.map((_, i) => outputBuffer(i)),
        ...cluster.inputs.map((_, i) => inputBuffer(i)),
      ],
      [clusters.push(cluster) - 1],
    ),
  reduce: ({ op, outer, length, inner }) => {
    if (op !== "sum") throw new Error("only sums here");
    return one("sum", fromTo, [outer, length, inner]);
  },
  contract: ({ batch, m, n, k, lhs, rhs }) => ({
    steps: [
      {
        kernel: "matmul",
        buffers: [inputBuffer(0), inputBuffer(1), outputBuffer(0), workspaceBuffer(0)],
        immediates: [batch, m, n, k]
          .concat([lhs.batch, lhs.free, lhs.contract])
          .concat([rhs.batch, rhs.contract, rhs.free]),
      },
    ],
    workspaceBytes: 4 * multiplySpace,
  }),
  alignment: 16,
  allowReference: false,
};

export interface TestRun {
  readonly outputs: readonly Words[];
  readonly plan: ExecutionPlan;
}

const noise = 0x5eed5eed;

/** Plans a program and runs it in a memory full of noise, with a guard zone behind the planned peak. */
export function runPlanned(
  program: Program,
  inputs: readonly Words[],
  flags: Partial<PlanFlags> = {},
): TestRun {
  const plan = planProgram(program, testTarget, flags);
  return { outputs: execute(plan, inputs), plan };
}

export function execute(plan: ExecutionPlan, inputs: readonly Words[]): readonly Words[] {
  const guard = 256;
  const frame = plan.constants.length;
  const end = frame + plan.main.frameBytes / 4;
  const buffer = new ArrayBuffer((end + guard) * 4);
  const i32 = new Int32Array(buffer).fill(noise);
  i32.set(plan.constants);
  const memory = { i32, u32: new Uint32Array(buffer), f32: new Float32Array(buffer) };
  const kernels = Object.fromEntries(
    Object.entries(bodies).map(([name, body]): [string, Kernel] => [
      name,
      (addresses, immediates) =>
        body(
          addresses.map((address) => address / 4),
          immediates,
          memory,
        ),
    ]),
  );
  const machine: Machine = {
    words: i32,
    kernels,
    constants: 0,
    host: (callback, addresses) => {
      const { inputs: operands, outputs: results, run } = plan.callbacks[callback];
      const arrays = [...operands, ...results].map((aval, i) => ({
        aval,
        words: wordsOf(aval.dtype, buffer, addresses[i], sizeOf(aval.shape)),
      }));
      run(arrays.slice(0, operands.length), arrays.slice(operands.length));
    },
  };
  const main = { frame: frame * 4, parameters: [] };
  plan.inputs.forEach(({ at, bytes }, i) => {
    if (!at) return;
    const { buffer: from, byteOffset } = inputs[i];
    i32.set(new Int32Array(from, byteOffset, bytes / 4), addressOf(machine, main, at) / 4);
  });
  runPlan(machine, plan, main.frame);
  for (let i = 0; i < guard; i++) {
    if (i32[end + i] !== noise) throw new Error(`word ${i} behind the planned peak was written`);
  }
  return plan.outputs.map(({ at, bytes, aval }) => {
    const result = new ArrayBuffer(bytes);
    if (at) {
      const from = addressOf(machine, main, at) / 4;
      new Int32Array(result).set(i32.subarray(from, from + bytes / 4));
    }
    return wordsOf(aval.dtype, result);
  });
}

export const tensorsOf = (program: Program, inputs: readonly Words[]): readonly Tensor[] =>
  program.inputs.map(({ aval }, i) => new Tensor(aval, inputs[i]));
