import { addLayers } from "./forward-pass.ts";
import { checkStackCall } from "./call-checks.ts";
import { checkOptions } from "../../core/arguments.ts";
import type { Value } from "../../core/value.ts";
import type { HalfBlock } from "../blocks/half-block.ts";
import { checkLayers } from "./layer-checks.ts";
import { noContext } from "./no-context.ts";
import type { ReversibleLayer, StackFunction } from "./reversible-layer.ts";

export interface ResidualOptions {
  /** What becomes of the stream, f32[B, L, d], after each half-block, by its parameters: a norm in the first Transformer. Absent: nothing. */
  readonly after?: (stream: Value, params: unknown, block: HalfBlock) => Value;
}

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
export function residual(
  layers: readonly ReversibleLayer[],
  options: ResidualOptions = {},
): StackFunction {
  checkLayers(layers, "residual");
  const { after = (stream) => stream } = checkOptions<ResidualOptions>(
    options,
    { after: "function" },
    "residual",
  );
  return (params, streams, context = noContext(layers)) => {
    checkStackCall(layers, params, streams, context, "residual");
    const start = { stream: streams.first, other: streams.first };
    const { stream, other, ...passed } = addLayers(
      layers,
      params,
      start,
      context,
      (added, ...half) => {
        const next = after(added.stream, ...half);
        return { stream: next, other: next };
      },
    );
    return { ...passed, streams: { first: stream, second: other } };
  };
}
