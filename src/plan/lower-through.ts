import { sizeOf } from "../core/shape.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { isWhole, type Cluster } from "./fusion.ts";
import type { Graph, Node, Operand, Value } from "./graph.ts";
import { lowerContract, productOf } from "./lower-contract.ts";
import { lowerElementwise, readCluster, type IsNeeded } from "./lower-elementwise.ts";
import type { ContractLowering } from "../ir/lowering.ts";
import type { Params } from "../ir/primitive.ts";
import type { PlanTarget } from "./target.ts";

/** A matrix product. */
export interface Product {
  readonly node: Node;
  readonly lower: ContractLowering<Params>;
}

/** By the elementwise cluster: the matrix product whose results it may take before they are stored. */
export type Products = ReadonlyMap<Cluster, Product>;

/**
 * Products that one cluster alone reads, element by element. The product runs where the cluster would. Where something runs between them,
 * that must not keep more alive than the product's own results, which are never stored.
 */
export function productsThrough(graph: Graph, clusters: readonly Cluster[]): Products {
  const readers = readersOf(graph, clusters);
  const lastReads = lastReadsOf(graph, clusters);
  const products = new Map<Cluster, Product>();
  for (const [at, { nodes }] of clusters.entries()) {
    const [node] = nodes;
    const { lower } = node.equation.primitive;
    if (lower.kind !== "contract") continue;
    const reader = readers.get(node.results[0]);
    if (reader === undefined || reader <= at) continue;
    const kept = node.operands
      .filter((operand) => operand.kind === "view")
      .filter(({ value }) => (lastReads.get(value) ?? Infinity) < reader)
      .reduce((words, { value }) => words + sizeOf(value.aval.shape), 0);
    const isNext = reader === at + 1;
    // Of several products that a cluster adds up, the last one.
    if (isNext || kept <= sizeOf(node.results[0].aval.shape))
      products.set(clusters[reader], { node, lower });
  }
  return products;
}

/** By the value: the number of the one elementwise cluster that reads it, whole and in order, and nothing else does. */
function readersOf(graph: Graph, clusters: readonly Cluster[]): ReadonlyMap<Value, number> {
  const readers = new Map<Value, number>();
  const refused = new Set<Value>();
  const read = (operand: Operand, at: number, inOrder: boolean): void => {
    if (operand.kind !== "view") return;
    const { value } = operand;
    const before = readers.get(value) ?? at;
    readers.set(value, at);
    if (before !== at || !inOrder || operand.type !== "f32" || !isWhole(operand))
      refused.add(value);
  };
  for (const [at, { nodes }] of clusters.entries()) {
    for (const { operands, kind } of nodes) {
      for (const operand of operands) read(operand, at, kind === "elementwise");
    }
  }
  for (const output of graph.outputs) read(output, Infinity, false);
  for (const value of refused) readers.delete(value);
  return readers;
}

/** By the value: the number of the last cluster that reads it; infinity for results of the program. */
function lastReadsOf(graph: Graph, clusters: readonly Cluster[]): ReadonlyMap<Value, number> {
  const reads = new Map<Value, number>();
  for (const [at, { nodes }] of clusters.entries()) {
    for (const operand of nodes.flatMap(({ operands }) => operands)) {
      if (operand.kind === "view") reads.set(operand.value, at);
    }
  }
  for (const output of graph.outputs) if (output.kind === "view") reads.set(output.value, Infinity);
  return reads;
}

/** What a target does with products and clusters. */
export type ThroughRecipes = Required<
  Pick<PlanTarget, "contract" | "contractThrough" | "elementwise">
>;

/** Undefined where the target lacks one of them. */
export function throughRecipes({
  contract,
  contractThrough,
  elementwise,
}: PlanTarget): ThroughRecipes | undefined {
  return contract && contractThrough && elementwise
    ? { contract, contractThrough, elementwise }
    : undefined;
}

/** A product and the cluster that takes its results as one step, or as two where the target has them so. */
export function lowerThrough(
  builder: FunctionBuilder,
  { node, lower }: Product,
  cluster: Cluster,
  isNeeded: IsNeeded,
  { contract, contractThrough, elementwise }: ThroughRecipes,
): void {
  const [value] = node.results;
  const read = readCluster(builder, cluster, isNeeded, value);
  const { product, operands, flops } = productOf(builder, node, lower);
  const through = read?.places.indexOf(undefined) ?? -1;
  const calls = read && through >= 0 ? contractThrough(product, read.cluster, through) : undefined;
  if (!read || !calls) {
    lowerContract(builder, node, lower, contract);
    lowerElementwise(builder, cluster, isNeeded, elementwise);
    return;
  }
  const { places, inOrder, results, name } = read;
  /** The places of the cluster's inputs behind the product's operands. */
  const position = (input: number): number => operands.length + input - (input > through ? 1 : 0);
  builder.emitCalls({
    name: `${node.name}, ${name}`,
    calls,
    reads: [...operands, ...places.flatMap((place) => place ?? [])],
    writes: results.map((result) => builder.storageFor(result)),
    inPlace: inOrder.flatMap((yes, input) =>
      yes ? results.map((_, output) => [position(input), output] as const) : [],
    ),
    flops: flops + read.flops,
  });
}
