import type { Aval } from "../../core/aval.ts";
import { inputExpression, scalarTypeOf, type Expression } from "../../ir/expression.ts";
import { bindRecord } from "../../ir/ops.ts";
import {
  definePrimitive,
  type BatchRule,
  type DerivativeByRule,
  type Params,
  type Primitive,
  type ReferenceRule,
} from "../../ir/primitive.ts";
import { compileExpression } from "../../ir/scalar/evaluate.ts";
import { mappedAt } from "../batch-axes.ts";

/** One element of the result from the elements of the operands. */
export type ElementRule<P> = (
  operands: readonly Expression[],
  params: P,
  inputs: readonly Aval[],
) => Expression;

/** What is particular to an elementwise operation; operands and result have one shape. */
export interface ElementwiseRecord<P extends Params>
  extends Pick<Primitive<P>, "name" | "transpose">, Pick<DerivativeByRule<P>, "jvp"> {
  readonly result: (inputs: readonly Aval[], params: P) => Aval;
  readonly element: ElementRule<P>;
}

/**
 * The record of an elementwise operation. Its meaning is stated once, as an expression: the
 * reference evaluates it element by element, the planner fuses it.
 */
export function elementwiseRecord<P extends Params>(record: ElementwiseRecord<P>): Primitive<P> {
  const { name, result, element, jvp, transpose } = record;
  const expression = (params: P, inputs: readonly Aval[]): Expression =>
    element(
      inputs.map((aval, i) => inputExpression(i, scalarTypeOf(aval.dtype))),
      params,
      inputs,
    );
  return definePrimitive<P>({
    name,
    abstractEval: (inputs, params) => [result(inputs, params)],
    jvp,
    transpose,
    batch: batchElementwise(name),
    lower: { kind: "elementwise", expression },
    reference: referenceOf(expression),
  });
}

/**
 * Mapped axes go where the first one is; unmapped operands repeat there, which is a view and
 * stays one number for scalars.
 */
const batchElementwise =
  <P extends Params>(name: string): BatchRule<P> =>
  (values, axes, params, size) => {
    const position = axes.find((axis) => axis !== undefined) ?? 0;
    const operands = values.map((value, i) => mappedAt(value, axes[i], position, size));
    return { values: bindRecord(name, operands, params), axes: [position] };
  };

/** Storage words are canonical numbers already: bool and q32 are read as Int32. */
const referenceOf =
  <P>(expression: (params: P, inputs: readonly Aval[]) => Expression): ReferenceRule<P> =>
  (inputs, [out], params) => {
    const avals = inputs.map((input) => input.aval);
    const compute = compileExpression(expression(params, avals));
    const elements = new Array<number>(inputs.length);
    for (let i = 0; i < out.words.length; i++) {
      for (let k = 0; k < inputs.length; k++) elements[k] = inputs[k].words[i];
      out.words[i] = compute(elements);
    }
  };
