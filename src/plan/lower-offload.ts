import type { Words } from "../core/dtype.ts";
import { bytesMoved, type FunctionBuilder } from "./function-builder.ts";
import { wordsOfAval, type Node } from "./graph.ts";
import { placeIn, type Place, type Storage } from "./storage.ts";

/**
 * The value leaves the arena at once, into memory of the host, and comes back right before the first step that reads it:
 * in between its place belongs to others.
 */
export function lowerOffload(builder: FunctionBuilder, node: Node): void {
  const { context } = builder;
  const { name } = node;
  const [value] = node.results;
  const { aval } = value;
  const bytes = 4 * wordsOfAval(aval);
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
  const move = (
    callback: number,
    parks: number,
    reads: readonly Place[],
    writes: readonly Storage[],
  ): void => {
    builder.emit(
      {
        name,
        body: {
          kind: "host",
          callback,
          buffers: [...reads, ...writes.map((storage) => placeIn(storage))],
          parks,
        },
        reads,
        writes,
        temporaries: [],
        share: [],
        isCopy: false,
        inputs: [],
        flops: 0,
        bytes: bytesMoved(reads, writes),
      },
      true,
    );
  };
  move(out, bytes, [builder.contiguous(node.operands[0], name)], []);
  builder.bindLater(value, () => {
    const storage = builder.newStorage(wordsOfAval(aval), value.name);
    move(back, -bytes, [], [storage]);
    return placeIn(storage);
  });
}
