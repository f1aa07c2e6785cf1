import { avalOf } from "../../core/aval.ts";
import type { DType } from "../../core/dtype.ts";
import { stridesOf } from "../../core/shape.ts";
import type { Value } from "../../core/value.ts";
import type { ReduceOp } from "../../ir/lowering.ts";
import { bindRecord, broadcastInDim } from "../../ir/ops.ts";
import {
  definePrimitive,
  type BatchAxis,
  type DerivativeByRule,
  type Primitive,
  type ReferenceArray,
} from "../../ir/primitive.ts";
import { axisBeside } from "../batch-axes.ts";
import { expectDistinctAxes, otherAxes } from "./axes.ts";
import { expectOneDType } from "./elementwise-operands.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly reduceSum: ReduceParams;
    readonly reduceProduct: ReduceParams;
    readonly reduceMax: ReduceParams;
    readonly reduceMin: ReduceParams;
    readonly reduceAnd: ReduceParams;
    readonly reduceOr: ReduceParams;
  }
}

export interface ReduceParams {
  readonly axes: readonly number[];
}

/** What is particular to a reduction. */
export interface Reduction
  extends Pick<Primitive<ReduceParams>, "name">, Pick<DerivativeByRule<ReduceParams>, "jvp"> {
  readonly dtypes: readonly DType[];
  readonly op: ReduceOp;
  /** Of all elements of one group, in order; the typed array rounds or wraps the result. */
  readonly combine: (elements: readonly number[], dtype: DType) => number;
  readonly transpose?: Primitive<ReduceParams>["transpose"];
}

/** The record of a reduction over axes, which disappear. */
export const reduction = (record: Reduction): Primitive<ReduceParams> =>
  definePrimitive<ReduceParams>({
    name: record.name,
    abstractEval: ([x], { axes }) => {
      expectOneDType(record.name, [x], record.dtypes);
      expectDistinctAxes(record.name, x, axes);
      const shape = otherAxes(x.shape.length, axes).map((axis) => x.shape[axis]);
      return [avalOf(x.dtype, shape, x.weak)];
    },
    jvp: record.jvp,
    transpose: record.transpose ?? "nonLinear",
    batch: ([x], [mapped = 0], { axes }) => ({
      values: bindRecord(record.name, [x], { axes: axes.map((axis) => axisBeside(axis, mapped)) }),
      axes: [mappedAfterReduction(mapped, axes)],
    }),
    lower: { kind: "reduce", op: () => record.op, axes: ({ axes }) => axes },
    reference: ([x], [out], { axes }) => {
      const groups = groupsOf(x, otherAxes(x.aval.shape.length, axes), out.words.length);
      groups.forEach((elements, i) => (out.words[i] = record.combine(elements, x.aval.dtype)));
    },
  });

/** The reduced value repeated to the shape it was reduced from. */
export const unreduce = (
  reduced: Value,
  shape: readonly number[],
  axes: readonly number[],
): Value => broadcastInDim(reduced, shape, otherAxes(shape.length, axes));

function mappedAfterReduction(mapped: number, axes: readonly number[]): BatchAxis {
  return mapped - axes.filter((axis) => axis < mapped).length;
}

/** The elements that go into each element of the result, in row-major order. */
function groupsOf(x: ReferenceArray, kept: readonly number[], count: number): number[][] {
  const { shape } = x.aval;
  const strides = stridesOf(shape);
  const groupStrides = stridesOf(kept.map((axis) => shape[axis]));
  const groups = Array.from({ length: count }, (): number[] => []);
  x.words.forEach((word, i) => {
    const group = kept.reduce(
      (sum, axis, position) =>
        sum + (Math.floor(i / strides[axis]) % shape[axis]) * groupStrides[position],
      0,
    );
    groups[group].push(word);
  });
  return groups;
}
