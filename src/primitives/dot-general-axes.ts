import { formatAval, type Aval } from "../core/aval.ts";
import { ShapeError } from "../core/errors.ts";
import { formatShape, type Shape } from "../core/shape.ts";
import type { ContractSpec } from "../ir/lowering.ts";
import { axisBeside } from "./batch-axes.ts";
import { expectDistinctAxes, otherAxes } from "./rules/axes.ts";

/** The roles of one operand's axes. */
export interface Side {
  readonly batch: readonly number[];
  readonly contract: readonly number[];
}

export const lhsSide = (spec: ContractSpec): Side => ({
  batch: spec.lhsBatch,
  contract: spec.lhsContract,
});

export const rhsSide = (spec: ContractSpec): Side => ({
  batch: spec.rhsBatch,
  contract: spec.rhsContract,
});

export const specOf = (lhs: Side, rhs: Side): ContractSpec => ({
  lhsBatch: lhs.batch,
  rhsBatch: rhs.batch,
  lhsContract: lhs.contract,
  rhsContract: rhs.contract,
});

/** Axes that are neither batch axes nor contracted, ascending. */
export const freeAxes = (rank: number, { batch, contract }: Side): number[] =>
  otherAxes(rank, [...batch, ...contract]);

/** The roles when the operand has one more axis, at `mapped`. */
export const besideMapped = ({ batch, contract }: Side, mapped: number): Side => ({
  batch: batch.map((axis) => axisBeside(axis, mapped)),
  contract: contract.map((axis) => axisBeside(axis, mapped)),
});

/** Shape of the contraction: batch, free of lhs, free of rhs. Throws a ShapeError where sizes differ. */
export function contractedShape(where: string, x: Aval, y: Aval, spec: ContractSpec): Shape {
  const [lhs, rhs] = [lhsSide(spec), rhsSide(spec)];
  expectDistinctAxes(where, x, [...lhs.batch, ...lhs.contract]);
  expectDistinctAxes(where, y, [...rhs.batch, ...rhs.contract]);
  expectPairs(where, "batch", [x, y], [lhs.batch, rhs.batch]);
  expectPairs(where, "contracted", [x, y], [lhs.contract, rhs.contract]);
  return [
    ...lhs.batch.map((axis) => x.shape[axis]),
    ...freeAxes(x.shape.length, lhs).map((axis) => x.shape[axis]),
    ...freeAxes(y.shape.length, rhs).map((axis) => y.shape[axis]),
  ];
}

function expectPairs(
  where: string,
  role: string,
  [x, y]: readonly [Aval, Aval],
  [ofX, ofY]: readonly [readonly number[], readonly number[]],
): void {
  const fits =
    ofX.length === ofY.length && ofX.every((axis, i) => x.shape[axis] === y.shape[ofY[i]]);
  if (fits) return;
  throw new ShapeError(`the ${role} axes do not pair up`, {
    where,
    expected: "as many axes on either side, with equal sizes pair by pair",
    got: `axes ${formatShape(ofX)} of ${formatAval(x)} and ${formatShape(ofY)} of ${formatAval(y)}`,
  });
}
