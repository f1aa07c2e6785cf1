/** Runs plans on kernels written in plain JavaScript: tests of the planner need no binary. */
import { wordsOf, type Words } from "../../src/core/dtype.ts";
import { Tensor } from "../../src/core/tensor.ts";
import { compileExpression } from "../../src/ir/scalar/evaluate.ts";
import { matmulWorkspaceWords } from "../../src/ir/kernels/matmul.ts";
import type { Program } from "../../src/ir/program.ts";
import {
  planProgram,
  type ExecutionPlan,
  type PlanFlags,
  type PlanTarget,
  type TileCluster,
} from "../../src/plan/index.ts";
import { runFunction, type Kernel } from "./plan-interpreter.ts";
import { forEachIndex } from "./plan-primitives.ts";

const clusters: TileCluster[] = [];

type Body = (args: Int32Array, memory: Memory) => void;

interface Memory {
  readonly i32: Int32Array;
  readonly u32: Uint32Array;
  readonly f32: Float32Array;
}

/** Word index of buffer `i`; argument words start at `args`. */
const at = (args: Int32Array, i: number): number => args[i] >>> 2;

const kernels: Record<string, Body> = {
  fill: (args, { i32 }) => void i32.fill(args[2], at(args, 0), at(args, 0) + args[1]),
  copyWords: (args, { i32 }) =>
    void i32.copyWithin(at(args, 1), at(args, 0), at(args, 0) + args[2]),
  copyStrided: (args, { i32 }) => {
    const rank = args[2];
    const list = (from: number): number[] => Array.from(args.subarray(from, from + rank));
    const [shape, inStrides, outStrides] = [list(3), list(4 + rank), list(5 + 2 * rank)];
    const dot = (index: readonly number[], strides: readonly number[]): number =>
      index.reduce((sum, i, axis) => sum + i * strides[axis], 0);
    const [from, to] = [at(args, 0) + args[3 + rank], at(args, 1) + args[4 + 2 * rank]];
    forEachIndex(shape, (index) => {
      i32[to + dot(index, outStrides)] = i32[from + dot(index, inStrides)];
    });
  },
  reduce: (args, { f32 }) => {
    const [outer, length, inner, op] = args.subarray(2, 6);
    if (op !== 0) throw new Error("only sums of f32 here");
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let sum = 0;
        for (let l = 0; l < length; l++) sum += f32[at(args, 0) + (o * length + l) * inner + i];
        f32[at(args, 1) + o * inner + i] = sum;
      }
    }
  },
  matmul: (args, { f32 }) => {
    const [batch, m, n, k, aBatch, aRow, aColumn, bBatch, bRow, bColumn] = args.subarray(4, 14);
    for (let b = 0; b < batch; b++) {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let l = 0; l < k; l++) {
            sum +=
              f32[at(args, 0) + b * aBatch + i * aRow + l * aColumn] *
              f32[at(args, 1) + b * bBatch + l * bRow + j * bColumn];
          }
          f32[at(args, 2) + (b * m + i) * n + j] = sum;
        }
      }
    }
    // A kernel may leave anything in its workspace.
    f32.fill(Number.NaN, at(args, 3), at(args, 3) + matmulWorkspaceWords({ m, n, k }, false, 1));
  },
  testAddOne: (args, { f32 }) => {
    for (let i = 0; i < args[2]; i++) f32[at(args, 1) + i] = (f32[at(args, 0) + i] % 97) + 1;
  },
  elementwise: runCluster,
};

/** The program of a cluster is its number; the inputs of a block of elements are read before its results are written. */
function runCluster(args: Int32Array, memory: Memory): void {
  const [outputs, inputs] = [args[args.length - 2], args[args.length - 1]];
  const { shape, inputs: views, outputs: expressions } = clusters[args[outputs + inputs]];
  const block = 3;
  const of = (type: string): Words =>
    type === "f32" ? memory.f32 : type === "u32" ? memory.u32 : memory.i32;
  const functions = expressions.map(compileExpression);
  let pending: (() => void)[] = [];
  forEachIndex(shape, (index, position) => {
    const elements = views.map(({ type, view }, i) => {
      const offset = index.reduce((sum, n, axis) => sum + n * view.strides[axis], view.offset);
      return of(type)[at(args, outputs + i) + offset];
    });
    functions.forEach((f, i) => {
      const value = f(elements);
      pending.push(() => (of(expressions[i].type)[at(args, i) + position] = value));
    });
    if (position % block === block - 1) {
      pending.forEach((write) => write());
      pending = [];
    }
  });
  pending.forEach((write) => write());
}

/** A target whose kernels are those above. */
export const testTarget: PlanTarget = {
  kernels: Object.keys(kernels),
  compileTileProgram: (cluster) => [
    clusters.push(cluster) - 1,
    cluster.outputs.length,
    cluster.inputs.length,
  ],
  threads: 1,
  parts: 1,
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
  const constants = Math.ceil(plan.code.length / 4) * 4;
  const frame = constants + plan.constants.length;
  const end = frame + plan.main.frameBytes / 4;
  const buffer = new ArrayBuffer((end + guard) * 4);
  const i32 = new Int32Array(buffer).fill(noise);
  i32.set(plan.code);
  i32.set(plan.constants, constants);
  const memory = { i32, u32: new Uint32Array(buffer), f32: new Float32Array(buffer) };
  const bodies: Kernel[] = Object.values(kernels).map((body) => (args) => {
    // The length of the step tells where its argument words end.
    const first = args >>> 2;
    body(i32.subarray(first, stepEnd(i32, first)), memory);
  });
  const tables = new Uint32Array(plan.main.tableWords);
  tables[0] = frame * 4;
  tables[1] = constants * 4;
  const byteAddress = ({ base, offset }: { base: number; offset: number }): number =>
    tables[base] + offset;
  plan.inputs.forEach(({ place, words }, i) => {
    if (place)
      i32.set(
        new Int32Array(inputs[i].buffer, inputs[i].byteOffset, words),
        byteAddress(place) / 4,
      );
  });
  runFunction(
    {
      words: i32,
      code: 0,
      kernels: bodies,
      tables,
      current: 0,
      host: (callback, addresses) => {
        const { inputs: operands, outputs: results, run } = plan.callbacks[callback];
        const arrays = [...operands, ...results].map((aval, i) => ({
          aval,
          words: wordsOf(
            aval.dtype,
            buffer,
            addresses[i],
            aval.shape.reduce((a, b) => a * b, 1),
          ),
        }));
        run(arrays.slice(0, operands.length), arrays.slice(operands.length));
      },
    },
    plan.main.start,
    0,
    2,
  );
  for (let i = 0; i < guard; i++) {
    if (i32[end + i] !== noise) throw new Error(`word ${i} behind the planned peak was written`);
  }
  return plan.outputs.map(({ place, words, aval }) => {
    const result = new ArrayBuffer(words * 4);
    if (place) {
      const from = byteAddress(place) / 4;
      new Int32Array(result).set(i32.subarray(from, from + words));
    }
    return wordsOf(aval.dtype, result);
  });
}

/** Argument words reach to the next step: found by the step that contains them. */
function stepEnd(i32: Int32Array, args: number): number {
  let at = 0;
  while (at + i32[at + 1] <= args) at += i32[at + 1];
  return at + i32[at + 1];
}

export const tensorsOf = (program: Program, inputs: readonly Words[]): readonly Tensor[] =>
  program.inputs.map(({ aval }, i) => new Tensor(aval, inputs[i]));
