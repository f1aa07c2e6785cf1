import { avalOf } from "../../core/aval.ts";
import type { Value } from "../../core/value.ts";
import { applyOp, scalarTypeOf, type Expression, type ScalarOp } from "../../ir/expression.ts";
import { inputExpression, type ScalarType } from "../../ir/expression.ts";
import { add, bindRecord } from "../../ir/ops.ts";
import type {
  JvpRule,
  NonDifferentiable,
  Params,
  Primitive,
  Tangent,
  TransposeRule,
} from "../../ir/primitive.ts";
import { expectOneDType, expectSameShapes } from "./elementwise-operands.ts";
import { elementwiseRecord } from "./elementwise-record.ts";

/** Meaning by element type: a scalar operation, or a composition of some. Keys are the dtypes taken. */
export type ScalarMeaning = Partial<
  Record<ScalarType, ScalarOp | ((...operands: Expression[]) => Expression)>
>;

/** What one operand's tangent adds to the result's; undefined is nothing. */
export type PartialDerivative = (
  tangent: Value,
  operands: readonly Value[],
  result: Value,
) => Tangent;

/** The derivative is zero wherever it exists: floor, sign. */
export const zeroDerivative: PartialDerivative = () => undefined;

export interface ElementwiseOperation {
  readonly name: string;
  readonly scalar: ScalarMeaning;
  /** One partial derivative per operand; `nonDifferentiable` when the result has no tangents. */
  readonly derivative: readonly PartialDerivative[] | NonDifferentiable;
  readonly transpose?: TransposeRule<Params>;
}

/** The record of an operation without params whose operands have one dtype. */
export function elementwise(operation: ElementwiseOperation): Primitive {
  const { name, scalar, derivative, transpose = "nonLinear" } = operation;
  const accepted = Object.keys(scalar) as ScalarType[];
  const element = (operands: readonly Expression[]): Expression => {
    const meaning = scalar[operands[0].type];
    if (meaning === undefined)
      throw new TypeError(`${name} has no meaning for ${operands[0].type}`);
    return typeof meaning === "string" ? applyOp(meaning, ...operands) : meaning(...operands);
  };
  return elementwiseRecord<Params>({
    name,
    result: (inputs) => {
      expectOneDType(name, inputs, accepted);
      expectSameShapes(name, inputs);
      const [{ shape, dtype }] = inputs;
      const { type } = element(
        inputs.map((aval, i) => inputExpression(i, scalarTypeOf(aval.dtype))),
      );
      return avalOf(type, shape, type === dtype && inputs.every((aval) => aval.weak));
    },
    element,
    jvp: derivative === "nonDifferentiable" ? derivative : totalDerivative(name, derivative),
    transpose,
  });
}

const totalDerivative =
  (name: string, partials: readonly PartialDerivative[]): JvpRule<Params> =>
  (primals, tangents, params) => {
    const [result] = bindRecord(name, primals, params);
    const tangent = tangents
      .map((each, i) => each && partials[i](each, primals, result))
      .reduce((sum, each) => (sum && each ? add(sum, each) : (sum ?? each)), undefined);
    return { primals: [result], tangents: [tangent] };
  };
