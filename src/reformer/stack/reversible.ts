import type { Value } from "../../core/value.ts";
import { zeros } from "../../numpy/index.ts";
import { customVjp } from "../../transforms/index.ts";
import { undoHalfBlock } from "../blocks/undo-half-block.ts";
import { countHalves, facing, treeOf } from "./alternation.ts";
import { forwardPass } from "./forward-pass.ts";
import { checkStackCall } from "./call-checks.ts";
import { checkLayers } from "./layer-checks.ts";
import type {
  LayerParams,
  ReversibleLayer,
  StackContext,
  StackFunction,
  Streams,
} from "./reversible-layer.ts";
import { noContext } from "./no-context.ts";
import { sharedParams, sumOfUses, type SharedParams } from "./shared-params.ts";
import { sweep, type SweepStart } from "./sweep.ts";

export type * from "./reversible-layer.ts";

/**
 * A stack of reversible layers as one function with a vjp of its own: activations are not stored but rebuilt
 * from the top, so memory does not grow with depth. With q32 streams the rebuilt values, hash buckets and
 * dropout masks with them, are those of the forward pass bit for bit, and so is the gradient of the same
 * network with everything stored. With f32 streams rebuilding drifts by rounding; the buckets of the
 * forward pass are kept. Paper, section 3.
 *
 * @param layers - for each layer its half-blocks, on alternating streams: see {@link ReversibleLayer}
 * @returns params (per layer a tree for each half-block, under its name), streams and context to streams, health and buckets
 * @throws ReformaxError for layers that are no lists of half-blocks, and parameters or contexts under other names
 * @example
 * import { init, type Value } from "reformax";
 * import { fromFixed, toFixed } from "reformax/lax";
 * import { array, multiply } from "reformax/numpy";
 * import { reversible, rows } from "reformax/reformer";
 * await init();
 * const scale = rows("scale", 64, (w: Value, x: Value) => multiply(w, x));
 * const layers = [[{ name: "f", block: scale }, { name: "g", block: scale }]];
 * const params = [{ f: array(0.5), g: array(0.25) }];
 * const x = toFixed(array([[[1, 2]]]));
 * const { streams } = reversible(layers)(params, { first: x, second: x });
 * console.log(fromFixed(streams.first).toArray(), fromFixed(streams.second).toArray());
 * // => [ [ [ 1.5, 3 ] ] ] [ [ [ 1.375, 2.75 ] ] ]
 */
export function reversible(layers: readonly ReversibleLayer[]): StackFunction {
  checkLayers(layers, "reversible");
  const run = (...args: StackArguments): ReturnType<StackFunction> => stored(layers)(...args);
  const reversed = customVjp<StackArguments, ReturnType<StackFunction>, SweepStart>(run, {
    forward: (params, streams, context) => {
      const passed = forwardPass(layers, params, streams, context);
      const saved = streams.first.dtype === "f32" ? passed.saved : null;
      return [passed, { params, streams: passed.streams, context, saved }];
    },
    backward: (residuals, cotangent) => {
      const swept = sweep(layers, residuals, cotangent.streams, (gradient) => gradient);
      return [swept.results, swept.cotangent, { shared: swept.dShared, layers: null }];
    },
  });
  return (params, streams, context = noContext(layers)) => {
    checkStackCall(layers, params, streams, context, "reversible");
    const shared = sharedParams(params);
    return shared
      ? withSharedParams(layers, shared)(shared.values, streams, context)
      : reversed(params, streams, context);
  };
}

/**
 * The same where layers share arrays, as a function of these: the sweep adds up the gradient of each as it goes, so that it is there
 * once, however many layers use it, and is the sum that reverse mode of the stored network gives, bit for bit.
 */
function withSharedParams(layers: readonly ReversibleLayer[], { paramsOf, uses }: SharedParams) {
  type Arguments = [values: readonly Value[], streams: Streams, context: StackContext];
  const run = (values: readonly Value[], ...rest: [Streams, StackContext]) =>
    forwardPass(layers, paramsOf(values), ...rest);
  type Residuals = Omit<SweepStart, "params"> & { readonly values: readonly Value[] };
  return customVjp<Arguments, ReturnType<StackFunction>, Residuals>(run, {
    forward: (values, streams, context) => {
      const passed = run(values, streams, context);
      const saved = streams.first.dtype === "f32" ? passed.saved : null;
      return [passed, { values, streams: passed.streams, context, saved }];
    },
    backward: ({ values, ...residuals }, cotangent) => {
      const sums = sumOfUses(values, uses);
      const start = { ...residuals, params: paramsOf(values) };
      const swept = sweep(layers, start, cotangent.streams, (gradient, layer) =>
        sums.add(gradient, layer),
      );
      return [sums.total(), swept.cotangent, { shared: swept.dShared, layers: null }];
    },
  });
}

type StackArguments = Required<Parameters<StackFunction>>;

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
 * const layers = [[{ name: "f", block: scale }, { name: "g", block: scale }]];
 * const params = [{ f: array(0.5), g: array(0.25) }];
 * const x = toFixed(array([[[1, 2]]]));
 * const { streams } = stored(layers)(params, { first: x, second: x });
 * console.log(fromFixed(streams.first).toArray()); // => [ [ [ 1.5, 3 ] ] ]
 */
export function stored(layers: readonly ReversibleLayer[]): StackFunction {
  checkLayers(layers, "stored");
  return (params, streams, context = noContext(layers)) => {
    checkStackCall(layers, params, streams, context, "stored");
    return forwardPass(layers, params, streams, context);
  };
}

/**
 * Rebuilds the streams at the bottom of the stack from those at the top.
 * @example
 * import { init, type Value } from "reformax";
 * import { fromFixed, toFixed } from "reformax/lax";
 * import { array, multiply } from "reformax/numpy";
 * import { invert, reversible, rows } from "reformax/reformer";
 * await init();
 * const scale = rows("scale", 64, (w: Value, x: Value) => multiply(w, x));
 * const layers = [[{ name: "f", block: scale }, { name: "g", block: scale }]];
 * const params = [{ f: array(0.5), g: array(0.25) }];
 * const x = toFixed(array([[[1, 2]]]));
 * const { streams } = reversible(layers)(params, { first: x, second: x });
 * console.log(fromFixed(invert(layers)(params, streams).first).toArray()); // => [ [ [ 1, 2 ] ] ]
 */
export function invert(
  layers: readonly ReversibleLayer[],
): (params: readonly LayerParams[], streams: Streams, context?: StackContext) => Streams {
  checkLayers(layers, "invert");
  return (params, streams, context = noContext(layers)) => {
    checkStackCall(layers, params, streams, context, "invert");
    let [other, stream] = facing(countHalves(layers), streams);
    for (const [i, layer] of [...layers.entries()].toReversed()) {
      for (const { name, block } of layer.toReversed()) {
        const around = { shared: context.shared, own: treeOf(context.layers[i], name) };
        const zero = zeros(other.shape);
        const above = { stream, other, dStream: zero, dOther: zero };
        const below = undoHalfBlock(block)(treeOf(params[i], name), above, around, null).stream;
        [stream, other] = [other, below];
      }
    }
    return { first: other, second: stream };
  };
}
