import type { Above } from "../blocks/block-functions.ts";
import { undoHalfBlock } from "../blocks/undo-half-block.ts";
import { countHalves, facing, treeOf, treesOf } from "./alternation.ts";
import { accumulate, zerosOf } from "./cotangents.ts";
import type {
  HalfTrees,
  LayerParams,
  ReversibleLayer,
  StackContext,
  Streams,
} from "./reversible-layer.ts";

/** What the reverse sweep begins with, at the top of a stack. */
export interface SweepStart {
  readonly params: readonly LayerParams[];
  readonly streams: Streams;
  readonly context: StackContext;
  /** Integers per layer that are not computed anew: float mode only. */
  readonly saved: readonly HalfTrees[] | null;
}

/** What it arrives at, below the stack. */
export interface Swept<Result> {
  /** What was made of each layer's gradient, from the bottom layer up. */
  readonly results: readonly Result[];
  /** The rebuilt streams. */
  readonly streams: Streams;
  readonly cotangent: Streams;
  /** Cotangent of the shared context, null where it is not differentiable. */
  readonly dShared: unknown;
}

/**
 * From the top down: rebuilds each layer's inputs and pulls the cotangents through it. `visit` sees a layer's
 * gradient as soon as it is complete, before that of the layer below exists.
 */
export function sweep<Result>(
  layers: readonly ReversibleLayer[],
  { params, streams, context, saved }: SweepStart,
  cotangent: Streams,
  visit: (gradient: HalfTrees, layer: number) => Result,
): Swept<Result> {
  // What the topmost half-block, the last one, was added to is what the next one would be computed from.
  const count = countHalves(layers);
  const [other, stream] = facing(count, streams);
  const [dOther, dStream] = facing(count, cotangent);
  let at: Above = { stream, other, dStream, dOther };
  let dShared = zerosOf(context.shared);
  const results: Result[] = [];
  const { shared } = context;
  for (const [i, layer] of [...layers.entries()].toReversed()) {
    const gradients: unknown[] = [];
    for (const [half, { name, block }] of [...layer.entries()].toReversed()) {
      const around = { shared, own: treeOf(context.layers[i], name) };
      const kept = saved ? saved[i][name] : null;
      const below = undoHalfBlock(block)(treeOf(params[i], name), at, around, kept);
      at = { stream: at.other, other: below.stream, dStream: below.dOther, dOther: at.dStream };
      // One after another: the order in which reverse mode adds up the uses of one value.
      dShared = accumulate(dShared, below.dShared);
      gradients[half] = below.dParams;
    }
    results.unshift(
      visit(
        treesOf(layer, (half) => gradients[half]),
        i,
      ),
    );
  }
  // Below half-block 0 the streams stand as if one more were to be undone.
  return {
    results,
    streams: { first: at.other, second: at.stream },
    cotangent: { first: at.dOther, second: at.dStream },
    dShared,
  };
}
