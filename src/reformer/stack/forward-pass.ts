import * as ops from "../../ir/ops.ts";
import { addHalfBlock, firstBadLayer } from "../blocks/half-block-forward.ts";
import { joinStatistics, noStatistics } from "../attention/hash-statistics.ts";
import type {
  Health,
  LayerParams,
  ReversibleLayer,
  StackContext,
  Streams,
} from "./reversible-layer.ts";

/** The streams, and the integers (buckets) that each half-block would keep in float mode. */
export interface ForwardState {
  readonly streams: Streams;
  readonly health: Health;
  readonly saved: readonly LayerParams[];
}

/** The layers one after another; what reverse mode would store, it stores. */
export function forwardPass(
  layers: readonly ReversibleLayer[],
  params: readonly LayerParams[],
  { first, second }: Streams,
  { shared, layers: own }: StackContext,
): ForwardState {
  let [x1, x2] = [first, second];
  let magnitude = ops.literal(0, "f32");
  let badLayer = ops.literal(-1, "i32");
  let hashing = noStatistics();
  const saved = layers.map((layer, i): LayerParams => {
    const f = addHalfBlock(layer.f)(params[i].f, x1, x2, { shared, own: own[i].f });
    const g = addHalfBlock(layer.g)(params[i].g, f.other, f.stream, { shared, own: own[i].g });
    [x1, x2] = [g.other, g.stream];
    const largest = ops.max(f.magnitude, g.magnitude);
    magnitude = ops.max(magnitude, largest);
    badLayer = firstBadLayer(badLayer, largest, x1, i);
    hashing = joinStatistics(hashing, f.statistics);
    return { f: f.saved, g: g.saved };
  });
  return { streams: { first: x1, second: x2 }, health: { magnitude, badLayer, hashing }, saved };
}
