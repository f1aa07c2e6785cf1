import { bytesOf } from "../core/aval.ts";
import type { Words } from "../core/dtype.ts";
import type { FunctionBuilder } from "./function-builder.ts";
import type { Node } from "./graph.ts";
import { emitHost } from "./lower-kernel.ts";
import { placeIn } from "./storage.ts";

/**
 * The value leaves the arena at once, into memory of the host, and comes back right before the first step that reads it:
 * in between its place belongs to others.
 */
export function lowerOffload(builder: FunctionBuilder, node: Node): void {
  const { context } = builder;
  const { name } = node;
  const [value] = node.results;
  const { aval } = value;
  const bytes = bytesOf(aval);
  // A function never runs inside of itself: one place to wait is enough.
  let waiting: Words | undefined;
  const out = context.addCallback({
    name,
    inputs: [aval],
    outputs: [],
    run: ([{ words }]) => {
      waiting = words.slice();
    },
  });
  const back = context.addCallback({
    name,
    inputs: [],
    outputs: [aval],
    run: (_, [{ words }]) => {
      if (!waiting) throw new Error(`${name} came back before it left`);
      words.set(waiting);
      waiting = undefined;
    },
  });
  const reads = [builder.contiguous(node.operands[0], name)];
  emitHost(builder, node, { callback: out, reads, writes: [], parks: bytes });
  builder.bindLater(value, () => {
    const storage = builder.newStorage(bytes, value.name);
    emitHost(builder, node, { callback: back, reads: [], writes: [storage], parks: -bytes });
    return placeIn(storage);
  });
}
