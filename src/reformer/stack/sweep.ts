import type { Value } from "../../core/value.ts";
import { accumulate, zerosOf } from "./cotangents.ts";
import { undoHalfBlock } from "../blocks/half-block-backward.ts";
import type { LayerParams, ReversibleLayer, StackContext, Streams } from "./reversible-layer.ts";

/** What the reverse sweep begins with, at the top of a stack. */
export interface SweepStart {
  readonly params: readonly LayerParams[];
  readonly streams: Streams;
  readonly context: StackContext;
  /** Integers per layer that are not computed anew: float mode only. */
  readonly saved: readonly LayerParams[] | null;
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
  visit: (gradient: LayerParams, layer: number) => Result,
): Swept<Result> {
  let { first: y1, second: y2 } = streams;
  let { first: d1, second: d2 } = cotangent;
  let dShared = zerosOf(context.shared);
  const results: Result[] = [];
  const { shared } = context;
  for (const [i, layer] of [...layers.entries()].toReversed()) {
    const own = context.layers[i];
    const undo = (half: "f" | "g", stream: Value, other: Value, dStream: Value, dOther: Value) =>
      undoHalfBlock(layer[half])(
        params[i][half],
        { stream, other, dStream, dOther },
        { shared, own: own[half] },
        saved?.[i][half] ?? null,
      );
    const g = undo("g", y2, y1, d2, d1);
    [y2, d1] = [g.stream, g.dOther];
    const f = undo("f", y1, y2, d1, d2);
    [y1, d2] = [f.stream, f.dOther];
    // One after another: the order in which reverse mode adds up the uses of one value.
    dShared = accumulate(accumulate(dShared, g.dShared), f.dShared);
    results.unshift(visit({ f: f.dParams, g: g.dParams }, i));
  }
  return {
    results,
    streams: { first: y1, second: y2 },
    cotangent: { first: d1, second: d2 },
    dShared,
  };
}
