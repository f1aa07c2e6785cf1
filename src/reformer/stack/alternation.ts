import type { Value } from "../../core/value.ts";
import type { HalfTrees, LayerParams, ReversibleLayer, Streams } from "./reversible-layer.ts";

/**
 * Half-blocks are counted through the whole stack, and their streams change places after each: number 0 adds to the first stream,
 * number 1 to the second, whichever layers they belong to.
 */
export const countHalves = (layers: readonly ReversibleLayer[]): number =>
  layers.reduce((sum, layer) => sum + layer.length, 0);

/** The streams as half-block `number` meets them: the one that it is added to, and the one that it is computed from. */
export const facing = (number: number, { first, second }: Streams): readonly [Value, Value] =>
  number % 2 === 0 ? [first, second] : [second, first];

/** Undoes {@link facing}. */
export const inOrder = (number: number, stream: Value, other: Value): Streams =>
  number % 2 === 0 ? { first: stream, second: other } : { first: other, second: stream };

/** What stands under a half-block's name; see `checkTrees`. */
export const treeOf = (trees: LayerParams, name: string): unknown => (trees as HalfTrees)[name];

/** For every half-block of a layer something under its name. */
export const treesOf = (layer: ReversibleLayer, of: (index: number) => unknown): HalfTrees =>
  Object.fromEntries(layer.map(({ name }, i) => [name, of(i)]));
