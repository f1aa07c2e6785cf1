import { sizeOf, type Shape } from "../core/shape.ts";
import type { Expression } from "../ir/expression.ts";
import type { Graph, Node, Operand, Value, ViewOperand } from "./graph.ts";
import { composeViews, isContiguous, viewKey, wholeView, type ShapedView } from "./view.ts";

/** Nodes that run as one step: one node, or elementwise nodes over one iteration shape. */
export interface Cluster {
  readonly nodes: readonly Node[];
  /** The shape that elementwise nodes iterate over. */
  readonly shape: Shape;
}

/** Sizes beyond which clusters do not grow: argument words, registers and code stay small. */
const maxInputs = 24;
const maxOperations = 192;
/** Equations further apart are not joined: their operands would have to live for the whole distance. */
const maxDistance = 256;
/** A search for a path between clusters gives up after so many steps, and they stay apart. */
const maxVisits = 256;

interface Group {
  nodes: Node[];
  shape: Shape;
  first: number;
  last: number;
  operations: number;
  /** Number of effects before: nodes never move across an effect. */
  readonly epoch: number;
}

/**
 * Groups the nodes of a graph into clusters, in an order in which they can run. A node joins the
 * clusters of its operands' producers when both have one number of elements and no path leads from
 * the union out and back in; a cluster runs when its last node would, or when a result is needed.
 */
export function clusterNodes(graph: Graph, fuse: boolean): readonly Cluster[] {
  const groups = new Map<Node, Group>();
  const lastUses = lastUsesOf(graph);
  let epoch = 0;
  for (const node of graph.nodes) {
    if (node.effect) epoch++;
    const shape = node.results[0]?.aval.shape ?? [];
    const operations = node.expression ? operationCount(node.expression) : 0;
    const own = { nodes: [node], shape, first: node.index, last: node.index, operations, epoch };
    groups.set(node, own);
    if (!fuse || node.kind !== "elementwise") continue;
    let group: Group = own;
    for (const operand of node.operands) {
      const producer = producerOf(graph, operand);
      const other = producer && groups.get(producer);
      if (!other || other === group || producer.kind !== "elementwise") continue;
      if (!areClose(other, group) || prolongsLives(graph, lastUses, other, group)) continue;
      const joined = join(graph, groups, other, group);
      if (!joined) continue;
      group = joined;
      for (const member of joined.nodes) groups.set(member, joined);
    }
  }
  return inRunningOrder(graph, groups);
}

function producerOf(graph: Graph, operand: Operand): Node | undefined {
  if (operand.kind === "uniform" || operand.value.node < 0) return undefined;
  return graph.nodes[operand.value.node];
}

const operationCount = (expression: Expression): number =>
  expression.kind === "apply"
    ? expression.operands.reduce((sum, operand) => sum + operationCount(operand), 1)
    : 0;

/** What is cheap to see of two groups that may become one. */
const areClose = (a: Group, b: Group): boolean =>
  b.last - a.last <= maxDistance &&
  a.operations + b.operations <= maxOperations &&
  a.epoch === b.epoch &&
  sizeOf(a.shape) === sizeOf(b.shape);

function join(
  graph: Graph,
  groups: ReadonlyMap<Node, Group>,
  a: Group,
  b: Group,
): Group | undefined {
  const nodes = [...a.nodes, ...b.nodes].sort((x, y) => x.index - y.index);
  const members = new Set(nodes);
  const external = externalOperands(graph, nodes, members);
  const shape = [b.shape, a.shape].find((candidate) => fits(external, candidate));
  if (!shape) return undefined;
  const union: Group = {
    nodes,
    shape,
    first: Math.min(a.first, b.first),
    last: Math.max(a.last, b.last),
    operations: a.operations + b.operations,
    epoch: a.epoch,
  };
  return reachesBack(graph, groups, union, external, members) ? undefined : union;
}

/** The last node that reads each value; infinity for results of the program. */
function lastUsesOf({ nodes, outputs }: Graph): ReadonlyMap<Value, number> {
  const lastUses = new Map<Value, number>();
  const use = (operand: Operand, index: number): void => {
    if (operand.kind === "view") lastUses.set(operand.value, index);
  };
  for (const node of nodes) node.operands.forEach((operand) => use(operand, node.index));
  for (const operand of outputs) use(operand, Infinity);
  return lastUses;
}

/**
 * The clusters are apart, with calls, kernels or products between them, and the earlier one reads more that would
 * be dead after it than it writes: to join them would keep all of that alive over the work between. So a sum of
 * many results, one from each layer, is added up as they come.
 */
function prolongsLives(
  graph: Graph,
  lastUses: ReadonlyMap<Value, number>,
  earlier: Group,
  later: Group,
): boolean {
  const between = graph.nodes.slice(earlier.last + 1, later.last);
  if (!between.some(({ kind }) => kind !== "elementwise" && kind !== "copy" && kind !== "reduce")) {
    return false;
  }
  const operands = externalOperands(graph, earlier.nodes, new Set(earlier.nodes));
  const dying = new Set(
    operands
      .map(({ value }) => value)
      .filter((value) => (lastUses.get(value) ?? 0) <= earlier.last),
  );
  const words = [...dying].reduce((sum, { aval }) => sum + sizeOf(aval.shape), 0);
  return words > sizeOf(earlier.shape);
}

/** Operands that a cluster loads: all but the elements that its own nodes have just computed. */
function externalOperands(
  graph: Graph,
  nodes: readonly Node[],
  members: ReadonlySet<Node>,
): readonly ViewOperand[] {
  return nodes.flatMap((node) =>
    node.operands.filter((operand): operand is ViewOperand => {
      if (operand.kind === "uniform") return false;
      const producer = producerOf(graph, operand);
      return !(producer && members.has(producer) && isWhole(operand));
    }),
  );
}

/** The operand is its value's elements in order: only its shape may differ. */
export const isWhole = ({ value, view }: ViewOperand): boolean =>
  view.offset === 0 && isContiguous(view) && sizeOf(view.shape) === sizeOf(value.aval.shape);

/** The operand's view with the iteration shape of a cluster of the same number of elements. */
export const reshapeView = (view: ShapedView, shape: Shape): ShapedView | undefined =>
  composeViews(view, wholeView(shape));

function fits(operands: readonly ViewOperand[], shape: Shape): boolean {
  const distinct = new Map<Value, Set<string>>();
  let count = 0;
  for (const { value, view } of operands) {
    const reshaped = reshapeView(view, shape);
    if (!reshaped) return false;
    const keys = distinct.get(value) ?? new Set();
    distinct.set(value, keys);
    const key = viewKey(reshaped);
    if (keys.has(key)) continue;
    keys.add(key);
    count++;
  }
  return count <= maxInputs;
}

/** True when an operand of the cluster depends on one of its nodes: it could then never run. */
function reachesBack(
  graph: Graph,
  groups: ReadonlyMap<Node, Group>,
  union: Group,
  external: readonly ViewOperand[],
  members: ReadonlySet<Node>,
): boolean {
  const visited = new Set<Group>();
  const pending: Node[] = [];
  const visit = (operand: Operand): void => {
    const producer = producerOf(graph, operand);
    if (producer) pending.push(producer);
  };
  external.forEach(visit);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (members.has(node)) return true;
    const group = groups.get(node);
    if (!group || group.last < union.first || visited.has(group)) continue;
    visited.add(group);
    if (visited.size > maxVisits) return true;
    for (const inner of group.nodes) inner.operands.forEach(visit);
  }
  return false;
}

/** Clusters by their last node, earlier where a result is needed before. */
function inRunningOrder(graph: Graph, groups: ReadonlyMap<Node, Group>): readonly Cluster[] {
  const done = new Set<Group>();
  const order: Cluster[] = [];
  const run = (group: Group): void => {
    if (done.has(group)) return;
    done.add(group);
    for (const node of group.nodes) {
      for (const operand of node.operands) {
        const producer = producerOf(graph, operand);
        const needed = producer && groups.get(producer);
        if (needed) run(needed);
      }
    }
    order.push({ nodes: group.nodes, shape: group.shape });
  };
  for (const node of graph.nodes) {
    const group = groups.get(node);
    if (group && group.last === node.index) run(group);
  }
  return order;
}
