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
import type { ElementwiseCluster, PlanTarget } from "./target.ts";
import { isContiguous, viewKey, type ShapedView } from "./view.ts";

/** Tells which results somebody outside of the cluster reads. */
export type IsNeeded = (value: Value) => boolean;

interface LoadedInput {
  /** Undefined for what has none. */
  readonly place: Place | undefined;
  readonly view: ShapedView;
  readonly type: ScalarType;
}

/** A cluster in the target's terms. */
export interface ReadCluster {
  readonly cluster: ElementwiseCluster;
  /** In the cluster's order. */
  readonly places: readonly (Place | undefined)[];
  /** Whether an input is read in the order of the results, so that these may take its storage over. */
  readonly inOrder: readonly boolean[];
  readonly results: readonly Value[];
  readonly name: string;
  readonly flops: number;
}

/** One step. */
export function lowerElementwise(
  builder: FunctionBuilder,
  cluster: Cluster,
  isNeeded: IsNeeded,
  compile: NonNullable<PlanTarget["elementwise"]>,
): void {
  const read = readCluster(builder, cluster, isNeeded);
  if (!read) return;
  const { places, inOrder, results, name, flops } = read;
  builder.emitCalls({
    name,
    calls: builder.context.clusterCalls(compile, read.cluster),
    reads: places.flatMap((place) => place ?? []),
    writes: results.map((value) => builder.storageFor(value)),
    // A block is loaded before its results are stored, so an operand read in order may be overwritten.
    inPlace: inOrder.flatMap((yes, input) =>
      yes ? results.map((_, output) => [input, output] as const) : [],
    ),
    flops,
  });
}

/**
 * What a cluster reads, computes and writes; undefined where nobody needs that. `placeless` is a value that it reads and that has no
 * place: it is on its way.
 */
export function readCluster(
  builder: FunctionBuilder,
  { nodes, shape }: Cluster,
  isNeeded: IsNeeded,
  placeless?: Value,
): ReadCluster | undefined {
  const inputs: LoadedInput[] = [];
  const inputNumbers = new Map<string, number>();
  const computed = new Map<Value, Expression>();

  const load = (operand: Operand, node: Node): Expression => {
    if (operand.kind === "uniform") return constantExpression(operand.number, operand.type);
    const inner = isWhole(operand) ? computed.get(operand.value) : undefined;
    if (inner) return inner;
    const view = reshapeView(operand.view, shape);
    if (!view) throw new Error(`the planner cannot iterate over an operand of ${node.name}`);
    const place = operand.value === placeless ? undefined : builder.placeOf(operand.value);
    const at = place ? `${place.storage.id}+${place.offset}` : "on its way";
    const key = `${at}:${viewKey(view)}${operand.type}`;
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
  const size = sizeOf(shape);
  if (results.length === 0) return undefined;
  if (size === 0) {
    results.forEach((value) => builder.storageFor(value));
    return undefined;
  }
  return {
    cluster: {
      shape,
      inputs: inputs.map(({ type, view }) => ({ type, view })),
      outputs: results.flatMap((value) => computed.get(value) ?? []),
      operations,
    },
    places: inputs.map(({ place }) => place),
    inOrder: inputs.map(
      ({ place, view }) => isContiguous(view) && view.offset === 0 && place?.offset === 0,
    ),
    results,
    name: clusterName(nodes),
    flops: size * operations,
  };
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
