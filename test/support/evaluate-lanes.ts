import type { Lanes } from "../../src/core/scalar-math/index.ts";
import { neededNodes, type LaneNode } from "../../src/ir/scalar/record.ts";

type NumberLanes = Lanes<number, number, boolean>;
type LaneFunction = (...operands: readonly unknown[]) => unknown;

/** A recorded value carried out again, node by node. */
export function evaluateLanes(
  lanes: NumberLanes,
  result: LaneNode,
): (...inputs: readonly number[]) => number {
  const nodes = neededNodes([result]);
  const compute = (
    node: LaneNode,
    values: ReadonlyMap<LaneNode, unknown>,
    inputs: readonly number[],
  ): unknown => {
    if (node.op === "input") return inputs[node.value];
    if (node.op === "f64") throw new Error("these lanes have no f64");
    const operation = lanes[node.op] as LaneFunction;
    const count = node.value === undefined ? [] : [node.value];
    return operation(...node.operands.map((operand) => values.get(operand)), ...count);
  };
  return (...inputs) => {
    const values = new Map<LaneNode, unknown>();
    for (const node of nodes) values.set(node, compute(node, values, inputs));
    return values.get(result) as number;
  };
}
