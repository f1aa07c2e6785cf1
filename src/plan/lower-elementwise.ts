import { sizeOf } from "../core/shape.ts";
import {
  constantExpression,
  inputExpression,
  type Expression,
  type ScalarType,
} from "../ir/expression.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { isWhole, reshapeView, type Cluster } from "./fusion.ts";
import type { Node, Operand, Value } from "./graph.ts";
import type { Place } from "./storage.ts";
import type { PlanTarget } from "./target.ts";
import { isContiguous, viewKey, type ShapedView } from "./view.ts";

interface LoadedInput {
  readonly place: Place;
  readonly view: ShapedView;
  readonly type: ScalarType;
}

/** One step; `isNeeded` tells which results somebody outside of the cluster reads. */
export function lowerElementwise(
  builder: FunctionBuilder,
  { nodes, shape }: Cluster,
  isNeeded: (value: Value) => boolean,
  compile: NonNullable<PlanTarget["elementwise"]>,
): void {
  const inputs: LoadedInput[] = [];
  const inputNumbers = new Map<string, number>();
  const computed = new Map<Value, Expression>();

  const load = (operand: Operand, node: Node): Expression => {
    if (operand.kind === "uniform") return constantExpression(operand.number, operand.type);
    const inner = isWhole(operand) ? computed.get(operand.value) : undefined;
    if (inner) return inner;
    const view = reshapeView(operand.view, shape);
    if (!view) throw new Error(`the planner cannot iterate over an operand of ${node.name}`);
    const place = builder.placeOf(operand.value);
    const key = `${place.storage.id}+${place.offset}:${viewKey(view)}${operand.type}`;
    const known = inputNumbers.get(key);
    const index = known ?? inputs.length;
    if (known === undefined) {
      inputNumbers.set(key, index);
      inputs.push({ place, view, type: operand.type });
    }
    return inputExpression(index, operand.type);
  };

  let operations = 0;
  for (const node of nodes) {
    if (!node.expression)
      throw new Error(`the planner fused ${node.name}, which is not elementwise`);
    const operands = node.operands.map((operand) => load(operand, node));
    const expression = substitute(node.expression, operands);
    operations += operationsIn(node.expression);
    computed.set(node.results[0], expression);
  }
  const results = nodes.flatMap((node) => node.results).filter(isNeeded);
  if (results.length === 0) return;
  const outputs = results.map((value) => builder.storageFor(value));
  const size = sizeOf(shape);
  if (size === 0) return;
  // A block is loaded before its results are stored, so an operand read in order may be overwritten.
  const inOrder = inputs.flatMap(({ place, view }, i) =>
    isContiguous(view) && view.offset === 0 && place.offset === 0 ? [i] : [],
  );
  const cluster = {
    shape,
    inputs: inputs.map(({ type, view }) => ({ type, view })),
    outputs: results.flatMap((value) => computed.get(value) ?? []),
    operations,
  };
  builder.emitCalls({
    name: clusterName(nodes),
    calls: builder.context.clusterCalls(compile, cluster),
    reads: inputs.map(({ place }) => place),
    writes: outputs,
    inPlace: inOrder.flatMap((input) => outputs.map((_, output) => [input, output] as const)),
    flops: size * operations,
  });
}

/** The last operation's name and how many others run with it. */
function clusterName(nodes: readonly Node[]): string {
  const last = nodes[nodes.length - 1];
  return nodes.length === 1 ? last.name : `${last.name} (+${nodes.length - 1})`;
}

/** The expression with its inputs replaced; shared parts stay shared. */
function substitute(expression: Expression, inputs: readonly Expression[]): Expression {
  const done = new Map<Expression, Expression>();
  const visit = (part: Expression): Expression => {
    if (part.kind === "constant") return part;
    if (part.kind === "input") return inputs[part.index];
    const known = done.get(part);
    if (known) return known;
    const made = { ...part, operands: part.operands.map(visit) };
    done.set(part, made);
    return made;
  };
  return visit(expression);
}

const operationsIn = (expression: Expression): number =>
  expression.kind === "apply"
    ? expression.operands.reduce((sum, operand) => sum + operationsIn(operand), 1)
    : 0;
