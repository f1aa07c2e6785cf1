import { floatBits } from "../../core/dtype.ts";
import type { Expression, ScalarOp, ScalarType } from "../../ir/expression.ts";
import { expressionGraph, type ConstantNode, type ExpressionNode } from "../../ir/scalar/graph.ts";
import type { TileOp } from "./tile-ops.ts";

/** What an instruction of a tile program reads: compared by identity, nothing occurs twice. */
export type TileValue = InputValue | ConstantValue | StepValue;

/** An operand whose elements loops read where they lie: contiguous, or one element for all. */
export interface InputValue {
  readonly kind: "input";
  readonly index: number;
}

export interface ConstantValue {
  readonly kind: "constant";
  readonly bits: number;
}

/** The result of one instruction; `load` brings the elements of a strided operand together. */
export interface StepValue {
  readonly kind: "step";
  readonly op: ScalarOp | TileOp | "load";
  readonly operands: readonly TileValue[];
}

/** Conversions that leave the word as it is. */
const identities: ReadonlySet<ScalarOp> = new Set<ScalarOp>([
  "i32ToU32",
  "u32ToI32",
  "boolToI32",
  "boolToU32",
  "bitsF32ToU32",
  "bitsU32ToF32",
]);

/**
 * The values of a cluster's outputs. Equal sub-expressions become one value, conversions that keep
 * the word disappear, and products that only a sum needs are fused with it.
 */
export function tileValues(
  outputs: readonly Expression[],
  isStrided: (input: number) => boolean,
): readonly TileValue[] {
  const graph = expressionGraph(outputs);
  const uses = useCounts(graph.nodes, graph.outputs);
  const inputs = new Map<number, TileValue>();
  const constants = new Map<number, ConstantValue>();
  const values: TileValue[] = [];

  const valueOf = (node: ExpressionNode): TileValue => {
    switch (node.kind) {
      case "input":
        return shared(inputs, node.index, () => {
          const input: InputValue = { kind: "input", index: node.index };
          return isStrided(node.index) ? { kind: "step", op: "load", operands: [input] } : input;
        });
      case "constant": {
        const bits = constantBits(node);
        return shared(constants, bits, () => ({ kind: "constant", bits }));
      }
      case "apply": {
        const operands = node.operands.map((position) => values[position]);
        if (identities.has(node.op)) return operands[0];
        const isOnlyUse = (i: number): boolean => uses[node.operands[i]] === 1;
        return fuseProduct(node.op, operands, isOnlyUse) ?? { kind: "step", op: node.op, operands };
      }
      default:
        return node satisfies never;
    }
  };
  for (const node of graph.nodes) values.push(valueOf(node));
  return graph.outputs.map((position) => values[position]);
}

function shared<K, V>(known: Map<K, V>, key: K, make: () => V): V {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function useCounts(nodes: readonly ExpressionNode[], outputs: readonly number[]): number[] {
  const uses = new Array<number>(nodes.length).fill(0);
  for (const node of nodes) {
    if (node.kind === "apply") for (const operand of node.operands) uses[operand]++;
  }
  for (const output of outputs) uses[output]++;
  return uses;
}

/** a b + c, a b - c and c - a b as one instruction, when nothing else needs the product. */
function fuseProduct(
  op: ScalarOp,
  operands: readonly TileValue[],
  isOnlyUse: (operand: number) => boolean,
): StepValue | undefined {
  if (op !== "addF32" && op !== "subF32") return undefined;
  const position = operands.findIndex(
    (operand, i) => operand.kind === "step" && operand.op === "mulF32" && isOnlyUse(i),
  );
  const product = operands[position];
  if (product?.kind !== "step") return undefined;
  const fusedOp =
    op === "addF32" ? "multiplyAdd" : position === 0 ? "multiplySubtract" : "subtractProduct";
  return { kind: "step", op: fusedOp, operands: [...product.operands, operands[1 - position]] };
}

const wordBits: { readonly [T in ScalarType]: (value: number) => number } = {
  f32: floatBits,
  i32: (value) => value,
  u32: (value) => value | 0,
  bool: (value) => value,
};

const constantBits = ({ value, type }: ConstantNode): number => wordBits[type](value);
