import { checkKind, checkRecord } from "../../core/arguments.ts";
import { checkLeaves } from "../../transforms/flat-function.ts";
import { checkStreams } from "../blocks/block-checks.ts";
import { checkTrees } from "./layer-checks.ts";
import type { LayerParams, ReversibleLayer, StackContext, Streams } from "./reversible-layer.ts";

/** Throws unless a stack can be called with these: parameters, streams, and what its layers read besides. */
export function checkStackCall(
  layers: readonly ReversibleLayer[],
  params: readonly LayerParams[],
  streams: Streams,
  context: StackContext,
  where: string,
): void {
  checkRecord(context, { shared: "any", layers: "list" }, "context", where);
  checkTrees(layers, params, context, where);
  checkLeaves(params, "params", where);
  checkLeaves(context, "context", where);
  checkKind(streams, "object", "streams", where);
  checkStreams(streams, where);
}
