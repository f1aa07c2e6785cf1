import { addLayers } from "./forward-pass.ts";
import { checkStackCall } from "./call-checks.ts";
import { checkLayers } from "./layer-checks.ts";
import { noContext } from "./no-context.ts";
import type { ReversibleLayer, StackFunction } from "./reversible-layer.ts";

/**
 * The same half-blocks as an ordinary residual network, which nothing can invert: one stream, x = x + f(x) for each half-block in
 * turn, and reverse mode stores every activation. It begins with the first stream, and gives its result as both, so that what stands
 * above a reversible stack stands above it too, with as many parameters. The baseline of {@link reversible}.
 *
 * @param layers - as for {@link reversible}
 * @throws ReformaxError for layers that are no lists of half-blocks, and parameters or contexts under other names
 * @example
 * import { init, type Value } from "reformax";
 * import { array, multiply } from "reformax/numpy";
 * import { residual, rows } from "reformax/reformer";
 * await init();
 * const scale = rows("scale", 64, (w: Value, x: Value) => multiply(w, x));
 * const layers = [[{ name: "f", block: scale }, { name: "g", block: scale }]];
 * const params = [{ f: array(0.5), g: array(1) }];
 * const x = array([[[1, 2]]]);
 * const { streams } = residual(layers)(params, { first: x, second: x });
 * console.log(streams.first.toArray()); // => [ [ [ 3, 6 ] ] ]
 */
export function residual(layers: readonly ReversibleLayer[]): StackFunction {
  checkLayers(layers, "residual");
  return (params, streams, context = noContext(layers)) => {
    checkStackCall(layers, params, streams, context, "residual");
    const start = { stream: streams.first, other: streams.first };
    const { stream, other, ...passed } = addLayers(layers, params, start, context, (after) => ({
      stream: after.stream,
      other: after.stream,
    }));
    return { ...passed, streams: { first: stream, second: other } };
  };
}
