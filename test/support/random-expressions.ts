import fc from "fast-check";
import {
  applyOp,
  constantExpression,
  inputExpression,
  scalarOps,
  type Expression,
  type ScalarOp,
  type ScalarType,
} from "../../src/ir/expression.ts";

/** The bits of a NaN are anybody's, so nothing may look at them. */
const ops = (Object.keys(scalarOps) as ScalarOp[]).filter((op) => op !== "bitsF32ToU32");
const resultOf = (op: ScalarOp): ScalarType => scalarOps[op][scalarOps[op].length - 1];
/** Operations by the type of their results. */
const opsGiving = (type: ScalarType): readonly ScalarOp[] =>
  ops.filter((op) => resultOf(op) === type);

/** Expressions of any scalar operations over inputs of these types. */
export const randomExpression = (
  type: ScalarType,
  inputs: readonly ScalarType[],
  depth: number,
): fc.Arbitrary<Expression> => {
  const fitting = inputs.flatMap((inputType, i) => (inputType === type ? [i] : []));
  const leaves: fc.Arbitrary<Expression>[] = [
    fc.integer({ min: -9, max: 9 }).map((value) => constantExpression(value / 2, type)),
    ...fitting.map((i) => fc.constant(inputExpression(i, type))),
  ];
  if (depth === 0) return fc.oneof(...leaves);
  const applied = fc.constantFrom(...opsGiving(type)).chain((op) => {
    const types: readonly ScalarType[] = scalarOps[op].slice(0, -1);
    const operands = types.map((operand) => randomExpression(operand, inputs, depth - 1));
    return fc.tuple(...operands).map((given) => applyOp(op, ...given));
  });
  return fc.oneof(...leaves.slice(-1), { arbitrary: applied, weight: 6 });
};
