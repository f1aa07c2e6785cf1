import { numberLanes } from "../../core/scalar-math/index.ts";
import { scalarOps, type Expression, type ScalarOp, type ScalarType } from "../expression.ts";
import { wideScalarFormulas } from "./formulas.ts";
import { expressionGraph, type ExpressionNode } from "./graph.ts";

/**
 * A scalar function on canonical JavaScript numbers: f32 values rounded to f32, i32 signed, u32
 * unsigned, bool 0 or 1; arguments beyond the operation's arity are ignored.
 */
export type ScalarFunction = (a: number, b?: number, c?: number) => number;

type NumberFormula = (a: number, b: number, c: number) => number;

const formulas = wideScalarFormulas(numberLanes);

const functions = new Map<ScalarOp, ScalarFunction>();

/** The operation as a function of JavaScript numbers: the same bits as every CPU kernel. */
export function evaluateScalarOp(op: ScalarOp): ScalarFunction {
  const known = functions.get(op);
  if (known) return known;
  const made = onCanonicalNumbers(op);
  functions.set(op, made);
  return made;
}

/** Lanes hold u32 values as i32 bits; only results have to be made unsigned again. */
function onCanonicalNumbers(op: ScalarOp): ScalarFunction {
  const signature: readonly ScalarType[] = scalarOps[op];
  const formula: NumberFormula = formulas[op];
  const takesUnsigned = signature.slice(0, -1).includes("u32");
  const word = (value: number, position: number): number =>
    signature[position] === "u32" ? value | 0 : value;
  const onLanes: NumberFormula = takesUnsigned
    ? (a, b, c) => formula(word(a, 0), word(b, 1), word(c, 2))
    : formula;
  return signature[signature.length - 1] === "u32"
    ? (a, b = 0, c = 0) => onLanes(a, b, c) >>> 0
    : (a, b = 0, c = 0) => onLanes(a, b, c);
}

/** Computes one expression of an element from the elements of the operands. */
export type ExpressionFunction = (inputs: readonly number[]) => number;

/**
 * Compiles an expression into a function of the operands' canonical elements. Equal
 * sub-expressions are computed once.
 */
export function compileExpression(expression: Expression): ExpressionFunction {
  const { nodes, outputs } = expressionGraph([expression]);
  const values = new Array<number>(nodes.length).fill(0);
  const steps = nodes.map((node) => stepOf(node, values));
  const result = outputs[0];
  return (inputs) => {
    for (let i = 0; i < steps.length; i++) values[i] = steps[i](inputs);
    return values[result];
  };
}

/** The value of `expression` for one element; see {@link compileExpression} for many. */
export const evaluateExpression = (expression: Expression, inputs: readonly number[]): number =>
  compileExpression(expression)(inputs);

function stepOf(node: ExpressionNode, values: readonly number[]): ExpressionFunction {
  switch (node.kind) {
    case "input": {
      const { index } = node;
      return (inputs) => inputs[index];
    }
    case "constant": {
      const { value } = node;
      return () => value;
    }
    case "apply": {
      const compute = evaluateScalarOp(node.op);
      const [a, b = a, c = a] = node.operands;
      if (node.operands.length === 1) return () => compute(values[a]);
      if (node.operands.length === 2) return () => compute(values[a], values[b]);
      return () => compute(values[a], values[b], values[c]);
    }
    default:
      return node satisfies never;
  }
}
