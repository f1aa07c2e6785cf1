import type { Value } from "../../core/value.ts";
import { array, maximum } from "../../numpy/index.ts";
import { joinStatistics, noStatistics } from "../attention/hash-statistics.ts";
import { addHalfBlock } from "../blocks/add-half-block.ts";
import type { Added } from "../blocks/block-functions.ts";
import type { HalfBlock } from "../blocks/half-block.ts";
import { countHalves, inOrder, treeOf, treesOf } from "./alternation.ts";
import { firstBadLayer } from "./bad-layer.ts";
import { checkStackCall } from "./call-checks.ts";
import { checkLayers } from "./layer-checks.ts";
import type {
  HalfTrees,
  LayerParams,
  ReversibleLayer,
  StackContext,
  StackPass,
  Streams,
} from "./reversible-layer.ts";

/**
 * The layers one after another; what reverse mode would store, it stores.
 *
 * @throws ReformaxError for layers that are no lists of half-blocks, and parameters or contexts under other names
 */
export function forwardPass(
  layers: readonly ReversibleLayer[],
  params: readonly LayerParams[],
  streams: Streams,
  context: StackContext,
): StackPass {
  checkLayers(layers, "forwardPass");
  checkStackCall(layers, params, streams, context, "forwardPass");
  const { first, second } = streams;
  const { stream, other, ...passed } = addLayers(
    layers,
    params,
    { stream: first, other: second },
    context,
    // What was added to is what the next one is computed from.
    (after) => ({ stream: after.other, other: after.stream }),
  );
  return { ...passed, streams: inOrder(countHalves(layers), stream, other) };
}

/** The stream that a half-block is added to, and the one that it is computed from. */
type Facing = Pick<Added, "stream" | "other">;

/** Adds half-block after half-block. `next`: what the one behind meets. */
export function addLayers(
  layers: readonly ReversibleLayer[],
  params: readonly LayerParams[],
  start: Facing,
  context: StackContext,
  next: (after: Added, params: unknown, block: HalfBlock) => Facing,
): Facing & Omit<StackPass, "streams"> {
  let at = start;
  let magnitude = array(0);
  let badLayer = array(-1, "i32");
  let hashing = noStatistics();
  const saved = layers.map((layer, i): HalfTrees => {
    const added = layer.map(({ name, block }): Added => {
      const around = { shared: context.shared, own: treeOf(context.layers[i], name) };
      const own = treeOf(params[i], name);
      const after = addHalfBlock(block)(own, at.stream, at.other, around);
      at = next(after, own, block);
      return after;
    });
    const largest = added.map((after) => after.magnitude).reduce((a, b): Value => maximum(a, b));
    magnitude = maximum(magnitude, largest);
    badLayer = firstBadLayer(badLayer, largest, at.stream.dtype, i);
    layer.forEach(({ block }, half) => {
      // Functions of single rows hash nothing.
      if (block.kind === "parts") hashing = joinStatistics(hashing, added[half].statistics);
    });
    return treesOf(layer, (half) => added[half].saved);
  });
  const { stream, other } = at;
  return { stream, other, health: { magnitude, badLayer, hashing }, saved };
}
