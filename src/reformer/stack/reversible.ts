import { ReformaxError } from "../../core/errors.ts";
import type { Value } from "../../core/value.ts";
import * as ops from "../../ir/ops.ts";
import { customVjp } from "../../transforms/index.ts";
import { checkStreams } from "../blocks/block-checks.ts";
import { forwardPass } from "./forward-pass.ts";
import { undoHalfBlock } from "../blocks/half-block-backward.ts";
import type { HalfBlock } from "../blocks/half-block.ts";
import type {
  LayerParams,
  ReversibleLayer,
  StackContext,
  StackFunction,
  Streams,
} from "./reversible-layer.ts";
import { sweep, type SweepStart } from "./sweep.ts";

export type * from "./reversible-layer.ts";

/**
 * A stack of reversible layers as one function with a vjp of its own: activations are not stored but rebuilt
 * from the top, so memory does not grow with depth. With q32 streams the rebuilt values, hash buckets and
 * dropout masks with them, are those of the forward pass bit for bit, and so is the gradient of the same
 * network with everything stored. With f32 streams rebuilding drifts by rounding; the buckets of the
 * forward pass are kept. Paper, section 3.
 *
 * @returns params (one `{ f, g }` per layer), streams and context to streams and health
 * @example
 * import { init, type Value } from "reformax";
 * import { fromFixed, toFixed } from "reformax/lax";
 * import { array, multiply } from "reformax/numpy";
 * import { reversible, rows } from "reformax/reformer";
 * await init();
 * const scale = rows("scale", 64, (w: Value, x: Value) => multiply(w, x));
 * const layers = [{ f: scale, g: scale }];
 * const params = [{ f: array(0.5), g: array(0.25) }];
 * const x = toFixed(array([[[1, 2]]]));
 * const { streams } = reversible(layers)(params, { first: x, second: x });
 * console.log(fromFixed(streams.first).toArray(), fromFixed(streams.second).toArray());
 * // => [ [ [ 1.5, 3 ] ] ] [ [ [ 1.375, 2.75 ] ] ]
 */
export function reversible(layers: readonly ReversibleLayer[]): StackFunction {
  const run = (...args: StackArguments): ReturnType<StackFunction> => stored(layers)(...args);
  const reversed = customVjp<StackArguments, ReturnType<StackFunction>, SweepStart>(run, {
    forward: (params, streams, context) => {
      const { streams: out, health, saved } = forwardPass(layers, params, streams, context);
      const keep = streams.first.dtype === "f32" ? saved : null;
      return [
        { streams: out, health },
        { params, streams: out, context, saved: keep },
      ];
    },
    backward: (residuals, cotangent) => {
      const swept = sweep(layers, residuals, cotangent.streams, (gradient) => gradient);
      return [swept.results, swept.cotangent, { shared: swept.dShared, layers: null }];
    },
  });
  return (params, streams, context = noContext(layers)) => reversed(params, streams, context);
}

type StackArguments = Required<Parameters<StackFunction>>;

/** For blocks that read nothing but their parameters and their stream. */
const noContext = (layers: readonly ReversibleLayer[]): StackContext => ({
  shared: null,
  layers: layers.map(() => ({ f: null, g: null })),
});

/**
 * The same stack without reversibility: reverse mode stores every activation. The yardstick of
 * {@link reversible}, and of use where memory is plentiful.
 * @example
 * import { init, type Value } from "reformax";
 * import { fromFixed, toFixed } from "reformax/lax";
 * import { array, multiply } from "reformax/numpy";
 * import { rows, stored } from "reformax/reformer";
 * await init();
 * const scale = rows("scale", 64, (w: Value, x: Value) => multiply(w, x));
 * const layers = [{ f: scale, g: scale }];
 * const params = [{ f: array(0.5), g: array(0.25) }];
 * const x = toFixed(array([[[1, 2]]]));
 * const { streams } = stored(layers)(params, { first: x, second: x });
 * console.log(fromFixed(streams.first).toArray()); // => [ [ [ 1.5, 3 ] ] ]
 */
export const stored =
  (layers: readonly ReversibleLayer[]): StackFunction =>
  (params, streams, context = noContext(layers)) => {
    checkLayers(layers, params, context);
    checkStreams(streams);
    const { streams: out, health } = forwardPass(layers, params, streams, context);
    return { streams: out, health };
  };

/**
 * Rebuilds the streams at the bottom of the stack from those at the top.
 * @example
 * import { init, type Value } from "reformax";
 * import { fromFixed, toFixed } from "reformax/lax";
 * import { array, multiply } from "reformax/numpy";
 * import { invert, reversible, rows } from "reformax/reformer";
 * await init();
 * const scale = rows("scale", 64, (w: Value, x: Value) => multiply(w, x));
 * const layers = [{ f: scale, g: scale }];
 * const params = [{ f: array(0.5), g: array(0.25) }];
 * const x = toFixed(array([[[1, 2]]]));
 * const { streams } = reversible(layers)(params, { first: x, second: x });
 * console.log(fromFixed(invert(layers)(params, streams).first).toArray()); // => [ [ [ 1, 2 ] ] ]
 */
export const invert =
  (
    layers: readonly ReversibleLayer[],
  ): ((params: readonly LayerParams[], streams: Streams, context?: StackContext) => Streams) =>
  (params, streams, context = noContext(layers)) => {
    let { first: y1, second: y2 } = streams;
    for (const [i, layer] of [...layers.entries()].toReversed()) {
      const own = context.layers[i];
      y2 = removeHalfBlock(layer.g)(params[i].g, y2, y1, { shared: context.shared, own: own.g });
      y1 = removeHalfBlock(layer.f)(params[i].f, y1, y2, { shared: context.shared, own: own.f });
    }
    return { first: y1, second: y2 };
  };

/** `stream - block(other)`. */
const removeHalfBlock =
  (block: HalfBlock) =>
  (
    params: unknown,
    stream: Value,
    other: Value,
    context: { shared: unknown; own: unknown },
  ): Value => {
    const zero = ops.full(other.shape, 0, "f32");
    const above = { stream, other, dStream: zero, dOther: zero };
    return undoHalfBlock(block)(params, above, context, null).stream;
  };

function checkLayers(
  layers: readonly ReversibleLayer[],
  params: readonly LayerParams[],
  context: StackContext,
): void {
  if (params.length === layers.length && context.layers.length === layers.length) return;
  throw new ReformaxError("parameters or context do not fit the stack", {
    where: "reversible",
    expected: `${layers.length} layers`,
    got: `${params.length} parameter trees and ${context.layers.length} contexts`,
  });
}
