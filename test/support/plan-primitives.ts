/** Small primitives for tests of the planner: exact on whole numbers, so that every order of work gives equal bits. */
import { avalOf, type Aval } from "../../src/core/aval.ts";
import { sizeOf, stridesOf } from "../../src/core/shape.ts";
import { evaluateExpression } from "../../src/ir/scalar/evaluate.ts";
import {
  applyOp,
  constantExpression,
  inputExpression,
  scalarTypeOf,
  type Expression,
} from "../../src/ir/expression.ts";
import type { ContractSpec, Lowering, View } from "../../src/ir/lowering.ts";
import {
  inputBuffer,
  outputBuffer,
  updatedBuffer,
  workspaceBuffer,
  type KernelRecipe,
} from "../../src/plan/index.ts";
import type { Params, Primitive, ReferenceRule } from "../../src/ir/primitive.ts";
import { isProgram, type Program } from "../../src/ir/program.ts";

const unused = (): never => {
  throw new Error("the planner has no use for this rule");
};

/** A record with the rules that the planner reads. */
export const planned = <P extends Params>(
  name: string,
  lower: Lowering<P>,
  abstractEval: (inputs: readonly Aval[], params: P) => readonly Aval[],
  reference: ReferenceRule<P> | "byProgram",
  effectful = false,
): Primitive =>
  ({
    name,
    abstractEval,
    jvp: "nonDifferentiable",
    transpose: "nonLinear",
    batch: unused,
    lower,
    reference,
    effectful,
  }) as Primitive<P> as unknown as Primitive;

const f32 = (index: number): Expression => inputExpression(index, "f32");
/** Keeps whole numbers small, hence exact. */
const small = (value: Expression): Expression =>
  applyOp("remF32", value, constantExpression(97, "f32"));

const elementwise = (
  name: string,
  expression: (inputs: readonly Aval[]) => Expression,
  dtype?: Aval["dtype"],
): Primitive =>
  planned<Params>(
    name,
    { kind: "elementwise", expression: (_params, inputs) => expression(inputs) },
    (inputs) => [avalOf(dtype ?? inputs[0].dtype, inputs.at(-1)?.shape ?? [])],
    (inputs, [output]) => {
      const formula = expression(inputs.map(({ aval }) => aval));
      for (let i = 0; i < output.words.length; i++) {
        const element = inputs.map(({ words }) => words[i]);
        output.words[i] = evaluateExpression(formula, element);
      }
    },
  );

export const neg = elementwise("neg", () => applyOp("negF32", f32(0)));
export const add = elementwise("add", () => small(applyOp("addF32", f32(0), f32(1))));
export const mul = elementwise("mul", () => small(applyOp("mulF32", f32(0), f32(1))));
export const same = elementwise("same", ([x]) => inputExpression(0, scalarTypeOf(x.dtype)));
export const less = elementwise("less", () => applyOp("ltF32", f32(0), f32(1)), "bool");
export const truncate = elementwise("truncate", () => applyOp("f32ToI32", f32(0)), "i32");
export const increment = elementwise("increment", () =>
  applyOp("addI32", inputExpression(0, "i32"), constantExpression(1, "i32")),
);
export const lessI32 = elementwise(
  "lessI32",
  () => applyOp("ltI32", inputExpression(0, "i32"), inputExpression(1, "i32")),
  "bool",
);
export const select = elementwise("select", () =>
  applyOp("selectF32", inputExpression(0, "bool"), f32(1), f32(2)),
);
Object.assign(select, {
  abstractEval: ([, x]: readonly Aval[]) => [avalOf("f32", x.shape)],
});

interface ViewParams {
  readonly shape: readonly number[];
  readonly view: View;
}

/** Any rearrangement: params give the result's shape and its view of the operand. */
export const rearrange = planned<ViewParams>(
  "rearrange",
  { kind: "view", view: ({ view }) => view },
  ([x], { shape }) => [avalOf(x.dtype, shape)],
  ([x], [output], { shape, view }) => {
    const rowMajor = stridesOf(shape);
    for (let i = 0; i < output.words.length; i++) {
      const at = shape.reduce(
        (sum, n, axis) => sum + (Math.floor(i / rowMajor[axis]) % n) * view.strides[axis],
        view.offset,
      );
      output.words[i] = x.words[at];
    }
  },
);

interface ReduceParams {
  readonly axes: readonly number[];
}

export const reduceSum = planned<ReduceParams>(
  "reduceSum",
  { kind: "reduce", op: () => "sum", axes: ({ axes }) => axes },
  ([x], { axes }) => [
    avalOf(
      x.dtype,
      x.shape.filter((_, axis) => !axes.includes(axis)),
    ),
  ],
  ([x], [output], { axes }) => {
    output.words.fill(0);
    forEachIndex(x.aval.shape, (index, position) => {
      const kept = index.filter((_, axis) => !axes.includes(axis));
      output.words[rowMajorPosition(output.aval.shape, kept)] += x.words[position];
    });
  },
);

export const contract = planned<ContractSpec>(
  "contract",
  { kind: "contract", spec: (spec) => spec },
  ([x, y], spec) => {
    const { lhsFree, rhsFree } = freeAxes(x, y, spec);
    const batch = spec.lhsBatch.map((axis) => x.shape[axis]);
    const rows = lhsFree.map((axis) => x.shape[axis]);
    const columns = rhsFree.map((axis) => y.shape[axis]);
    return [avalOf("f32", [...batch, ...rows, ...columns])];
  },
  ([x, y], [output], spec) => {
    const { lhsFree, rhsFree } = freeAxes(x.aval, y.aval, spec);
    const depth = spec.lhsContract.map((axis) => x.aval.shape[axis]);
    forEachIndex(output.aval.shape, (index, position) => {
      const batch = index.slice(0, spec.lhsBatch.length);
      const rows = index.slice(batch.length, batch.length + lhsFree.length);
      const columns = index.slice(batch.length + lhsFree.length);
      let sum = 0;
      forEachIndex(depth, (inner) => {
        const at = (
          shape: readonly number[],
          axes: readonly number[],
          values: readonly number[],
        ): number => {
          const full = shape.map((_, axis) => values[axes.indexOf(axis)]);
          return rowMajorPosition(shape, full);
        };
        const left = at(
          x.aval.shape,
          [...spec.lhsBatch, ...lhsFree, ...spec.lhsContract],
          [...batch, ...rows, ...inner],
        );
        const right = at(
          y.aval.shape,
          [...spec.rhsBatch, ...rhsFree, ...spec.rhsContract],
          [...batch, ...columns, ...inner],
        );
        sum += x.words[left] * y.words[right];
      });
      output.words[position] = sum;
    });
  },
);

function freeAxes(x: Aval, y: Aval, spec: ContractSpec): { lhsFree: number[]; rhsFree: number[] } {
  const free = (aval: Aval, batch: readonly number[], contracted: readonly number[]): number[] =>
    aval.shape
      .map((_, axis) => axis)
      .filter((axis) => !batch.includes(axis) && !contracted.includes(axis));
  return {
    lhsFree: free(x, spec.lhsBatch, spec.lhsContract),
    rhsFree: free(y, spec.rhsBatch, spec.rhsContract),
  };
}

/** Kernel that may run in place: every element plus one, in two passes over a workspace. */
export const bump = planned<Params>(
  "bump",
  { kind: "kernel", inPlace: [[0, 0]] },
  ([x]) => [x],
  ([x], [output]) => output.words.forEach((_, i) => (output.words[i] = (x.words[i] % 97) + 1)),
);

/** Kernel with two results, the second of which may replace the operand after a copy. */
export const firstZeroed = planned<Params>(
  "firstZeroed",
  { kind: "kernel", inPlace: [[0, 1]] },
  ([x]) => [x, x],
  ([x], [plusOne, zeroed]) => {
    x.words.forEach((word, i) => (plusOne.words[i] = (word % 97) + 1));
    zeroed.words.set(x.words);
    if (zeroed.words.length > 0) zeroed.words[0] = 0;
  },
);

/** How the target of `plan-machine.ts` carries these out. */
export const testRecipes: Readonly<Record<string, KernelRecipe>> = {
  bump: ({ inputs: [x] }) => ({
    steps: [
      {
        kernel: "addOne",
        buffers: [inputBuffer(0), workspaceBuffer(0)],
        immediates: [sizeOf(x.shape)],
      },
      {
        kernel: "copy",
        buffers: [workspaceBuffer(0), outputBuffer(0)],
        immediates: [sizeOf(x.shape)],
        isMove: true,
      },
    ],
    workspaceBytes: 4 * sizeOf(x.shape),
  }),
  firstZeroed: ({ inputs: [x] }) => ({
    steps: [
      {
        kernel: "addOne",
        buffers: [inputBuffer(0), outputBuffer(0)],
        immediates: [sizeOf(x.shape)],
      },
      {
        kernel: "copy",
        buffers: [inputBuffer(0), outputBuffer(1)],
        immediates: [sizeOf(x.shape)],
        isMove: true,
      },
      {
        kernel: "fill",
        buffers: [updatedBuffer(1)],
        immediates: [Math.min(1, sizeOf(x.shape)), 0],
      },
    ],
  }),
};

const control = (form: "call" | "scan" | "cond" | "while"): Primitive =>
  planned<Params>(form, { kind: "control", form }, unused, "byProgram");

export const call = control("call");
export const scan = control("scan");
export const cond = control("cond");
export const whileLoop = control("while");

export const print = planned<{ readonly run: (tensors: readonly unknown[]) => void }>(
  "print",
  { kind: "control", form: "host" },
  () => [],
  "byProgram",
  true,
);

/** Calls `visit` with every index of a shape in row-major order, and its position. */
export function forEachIndex(
  shape: readonly number[],
  visit: (index: readonly number[], position: number) => void,
): void {
  const strides = stridesOf(shape);
  for (let position = 0; position < sizeOf(shape); position++) {
    visit(
      shape.map((n, axis) => Math.floor(position / strides[axis]) % n),
      position,
    );
  }
}

const rowMajorPosition = (shape: readonly number[], index: readonly number[]): number =>
  stridesOf(shape).reduce((sum, stride, axis) => sum + stride * index[axis], 0);

export const programParam = (value: unknown): Program => {
  if (!isProgram(value)) throw new Error("not a program");
  return value;
};
