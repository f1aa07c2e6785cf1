import type { Expression, ScalarOp, ScalarType } from "../expression.ts";
import { numberKey, sharedNodes } from "./shared-nodes.ts";

/** One operation, operands given by their positions in the graph. */
export interface ApplyNode {
  readonly kind: "apply";
  readonly op: ScalarOp;
  readonly type: ScalarType;
  readonly operands: readonly number[];
}

export interface InputNode {
  readonly kind: "input";
  readonly index: number;
  readonly type: ScalarType;
}

export interface ConstantNode {
  readonly kind: "constant";
  /** Canonical: rounded to f32, wrapped to the integer type, or 0 / 1. */
  readonly value: number;
  readonly type: ScalarType;
}

export type ExpressionNode = ApplyNode | InputNode | ConstantNode;

/** Expressions in evaluation order: operands come before what uses them, nothing occurs twice. */
export interface ExpressionGraph {
  readonly nodes: readonly ExpressionNode[];
  /** The node that is output number i. */
  readonly outputs: readonly number[];
}

interface Placed {
  readonly node: ExpressionNode;
  readonly position: number;
}

/**
 * Flattens expressions into one graph in which equal sub-expressions are the same node, whether
 * they are the same object or only have the same structure.
 */
export function expressionGraph(outputs: readonly Expression[]): ExpressionGraph {
  const { nodes, place } = sharedNodes<Placed>();
  const byIdentity = new Map<Expression, number>();
  const visit = (expression: Expression): number => {
    const known = byIdentity.get(expression);
    if (known !== undefined) return known;
    const node = nodeOf(expression, visit);
    const { position } = place(keyOf(node), (id) => ({ node, position: id }));
    byIdentity.set(expression, position);
    return position;
  };
  const positions = outputs.map(visit);
  return { nodes: nodes.map(({ node }) => node), outputs: positions };
}

function nodeOf(expression: Expression, visit: (operand: Expression) => number): ExpressionNode {
  switch (expression.kind) {
    case "input":
      return { kind: "input", index: expression.index, type: expression.type };
    case "constant":
      return {
        kind: "constant",
        value: canonicalValue(expression.value, expression.type),
        type: expression.type,
      };
    case "apply": {
      const { op, type, operands } = expression;
      return { kind: "apply", op, type, operands: operands.map(visit) };
    }
    default:
      return expression satisfies never;
  }
}

function keyOf(node: ExpressionNode): string {
  switch (node.kind) {
    case "input":
      return `input ${node.index} ${node.type}`;
    case "constant":
      return `constant ${numberKey(node.value)} ${node.type}`;
    case "apply":
      return `${node.op} ${node.operands.join(" ")}`;
    default:
      return node satisfies never;
  }
}

/** The value of the scalar type that the number stands for. */
export function canonicalValue(value: number, type: ScalarType): number {
  switch (type) {
    case "f32":
      return Math.fround(value);
    case "i32":
      return value | 0;
    case "u32":
      return value >>> 0;
    case "bool":
      return value === 0 ? 0 : 1;
    default:
      return type satisfies never;
  }
}
