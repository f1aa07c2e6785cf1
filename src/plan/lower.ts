import { BackendError } from "../core/errors.ts";
import { controlOf } from "../ir/control.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import { clusterNodes, type Cluster } from "./fusion.ts";
import type { Graph, Value } from "./graph.ts";
import { lowerAssemble } from "./lower-assemble.ts";
import { lowerContract } from "./lower-contract.ts";
import { lowerControl } from "./lower-control.ts";
import { lowerElementwise, type IsNeeded } from "./lower-elementwise.ts";
import { lowerKernel, lowerReference } from "./lower-kernel.ts";
import { lowerOffload } from "./lower-offload.ts";
import { lowerReduce } from "./lower-reduce.ts";
import { lowerThrough, productsThrough, throughRecipes, type Products } from "./lower-through.ts";

/** Appends the steps of all nodes. */
export function lowerGraph(builder: FunctionBuilder, graph: Graph): void {
  const { context } = builder;
  const fuse = context.flags.fusion && context.target.elementwise !== undefined;
  const clusters = clusterNodes(graph, fuse);
  const needed = neededValues(graph, clusters);
  const isNeeded: IsNeeded = (value) => needed.has(value);
  const through = fuse ? throughRecipes(context.target) : undefined;
  const products: Products = through ? productsThrough(graph, clusters) : new Map();
  const later = new Set([...products.values()].map(({ node }) => node));
  for (const cluster of clusters) {
    const product = products.get(cluster);
    if (product && through) lowerThrough(builder, product, cluster, isNeeded, through);
    else if (!later.has(cluster.nodes[0])) lowerCluster(builder, cluster, isNeeded);
  }
}

/** Values that are read outside of the cluster that computes them. */
function neededValues(graph: Graph, clusters: readonly Cluster[]): ReadonlySet<Value> {
  const clusterOf = new Map(
    clusters.flatMap((cluster) => cluster.nodes.map((node) => [node.index, cluster] as const)),
  );
  const needed = new Set<Value>();
  for (const cluster of clusters) {
    for (const node of cluster.nodes) {
      for (const operand of node.operands) {
        if (operand.kind === "view" && clusterOf.get(operand.value.node) !== cluster) {
          needed.add(operand.value);
        }
      }
    }
  }
  for (const operand of graph.outputs) if (operand.kind === "view") needed.add(operand.value);
  return needed;
}

function lowerCluster(builder: FunctionBuilder, cluster: Cluster, isNeeded: IsNeeded): void {
  const { context } = builder;
  const [node] = cluster.nodes;
  const { lower } = node.equation.primitive;
  if (node.kind === "copy") {
    builder.copyInto(node.operands[0], builder.storageFor(node.results[0]), node.name);
    return;
  }
  switch (lower.kind) {
    case "elementwise": {
      const compile = context.builtin("elementwise", node.name);
      if (!compile) return lowerReference(builder, node);
      return lowerElementwise(builder, cluster, isNeeded, compile);
    }
    case "reduce": {
      const callsOf = context.builtin("reduce", node.name);
      if (!callsOf) return lowerReference(builder, node);
      return lowerReduce(builder, node, lower, callsOf);
    }
    case "contract": {
      const callsOf = context.builtin("contract", node.name);
      if (!callsOf) return lowerReference(builder, node);
      return lowerContract(builder, node, lower, callsOf);
    }
    case "kernel":
      return lowerKernel(builder, node, lower);
    case "assemble":
      return lowerAssemble(builder, node, lower);
    case "offload":
      return lowerOffload(builder, node);
    case "control": {
      const control = controlOf(node.equation);
      return control && lowerControl(builder, node, control);
    }
    case "view":
      throw new BackendError("a view has no step of its own", { where: node.name });
    default:
      return lower satisfies never;
  }
}
