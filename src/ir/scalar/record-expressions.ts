import type { Expression, ScalarType } from "../expression.ts";
import { scalarFormulas, type Formulas } from "./formulas.ts";
import { expressionGraph } from "./graph.ts";
import { createRecorder, type LaneNode } from "./record.ts";

type RecordedFormula = (...operands: readonly LaneNode[]) => LaneNode;

/**
 * Expressions as lane operations, for machines without f64: every scalar operation is replaced by its formula, and what
 * several of them need is computed once. Input number i of the expressions is input i of the lanes.
 */
export function recordExpressions(outputs: readonly Expression[]): readonly LaneNode[] {
  const { lanes, input } = createRecorder();
  const formulas: Formulas<LaneNode, LaneNode> = scalarFormulas(lanes);
  const graph = expressionGraph(outputs);
  const values: LaneNode[] = [];
  for (const node of graph.nodes) {
    if (node.kind === "input") values.push(input(laneKind(node.type), node.index));
    else if (node.kind === "constant") {
      values.push(node.type === "f32" ? lanes.f32(node.value) : lanes.i32(node.value));
    } else {
      const formula: RecordedFormula = formulas[node.op];
      values.push(formula(...node.operands.map((operand) => values[operand])));
    }
  }
  return graph.outputs.map((output) => values[output]);
}

const laneKind = (type: ScalarType): "F" | "I" => (type === "f32" ? "F" : "I");
