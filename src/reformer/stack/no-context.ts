import { treesOf } from "./alternation.ts";
import type { ReversibleLayer, StackContext } from "./reversible-layer.ts";

/** For blocks that read nothing but their parameters and their stream. */
export const noContext = (layers: readonly ReversibleLayer[]): StackContext => ({
  shared: null,
  layers: layers.map((layer) => treesOf(layer, () => null)),
});
