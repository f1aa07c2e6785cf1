import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";
import { valuesOf } from "../stack/stream.ts";
import type { BlockContext, PartParams, PartsBlock } from "./half-block.ts";

/** What a part's `enter` makes of all rows of a stream: a tree of f32[B, L, ...]. */
export function enterRows(
  block: PartsBlock,
  params: PartParams,
  other: Value,
  context: BlockContext,
): unknown {
  const [, entered] = scanRows<null, Value, unknown>(
    (_, chunk) => [null, block.enter(params, valuesOf(chunk), context)],
    null,
    flattenRows(other),
    { chunk: block.chunk },
  );
  return tree.map((x: Value) => unflattenRows(x, other), entered);
}
