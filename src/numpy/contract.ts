import type { Value } from "../core/value.ts";
import type { ContractSpec } from "../ir/lowering.ts";
import * as ops from "../ir/ops.ts";

/**
 * `lax.dotGeneral` for every dtype: result axes are batch, free axes of x, free axes of y. The
 * matrix product works in f32; integers, and products without a contracted axis, are multiplied
 * elementwise and summed (of bools: whether any pair holds).
 */
export function contract(x: Value, y: Value, spec: ContractSpec): Value {
  const products = spec.lhsContract.length === 0 || x.dtype !== "f32";
  return products ? multiplyAndSum(x, y, spec) : ops.dotGeneral(x, y, spec);
}

function multiplyAndSum(x: Value, y: Value, spec: ContractSpec): Value {
  const { lhsBatch, rhsBatch, lhsContract, rhsContract } = spec;
  const lhsFree = freeAxes(x, lhsBatch, lhsContract);
  const rhsFree = freeAxes(y, rhsBatch, rhsContract);
  const outer = lhsBatch.length;
  const inner = outer + lhsFree.length + rhsFree.length;
  const shape = [
    ...[...lhsBatch, ...lhsFree].map((axis) => x.shape[axis]),
    ...rhsFree.map((axis) => y.shape[axis]),
    ...lhsContract.map((axis) => x.shape[axis]),
  ];
  const place = (
    value: Value,
    batch: readonly number[],
    free: readonly number[],
    along: readonly number[],
    from: number,
  ): Value => {
    const ordered = ops.transpose(value, [...batch, ...free, ...along]);
    const axes = [
      ...counts(batch.length, 0),
      ...counts(free.length, from),
      ...counts(along.length, inner),
    ];
    return ops.broadcastInDim(ordered, shape, axes);
  };
  const [multiply, sum] = x.dtype === "bool" ? [ops.and, ops.reduceOr] : [ops.mul, ops.reduceSum];
  const product = multiply(
    place(x, lhsBatch, lhsFree, lhsContract, outer),
    place(y, rhsBatch, rhsFree, rhsContract, outer + lhsFree.length),
  );
  return lhsContract.length === 0 ? product : sum(product, counts(lhsContract.length, inner));
}

const freeAxes = (x: Value, batch: readonly number[], along: readonly number[]): number[] =>
  x.shape.map((_, axis) => axis).filter((axis) => !batch.includes(axis) && !along.includes(axis));

const counts = (length: number, from: number): number[] =>
  Array.from({ length }, (_, i) => from + i);
