import type { Value } from "../../core/value.ts";
import { broadcastInDim } from "../../lax/index.ts";
import { greater, multiply, where, zerosLike } from "../../numpy/index.ts";
import type { BlockContext, HalfBlock, PartParams } from "./half-block.ts";

/** Of a half-block with a gain; of one in parts, under `shared`. */
export interface GainParams {
  /** f32[]: what the half-block adds is multiplied by it. 0 at first (ReZero, Bachlechner et al. 2020). */
  readonly gain?: Value;
}

/** Of a half-block that may be dropped as a whole; of one in parts, stacked per part. */
export interface KeptContext {
  /** i32[]: 0 where nothing is added. */
  readonly kept?: Value;
}

export interface Weights {
  /** Whether there is a gain among the parameters. */
  readonly gain: boolean;
  /** Whether the context says if the half-block is kept. */
  readonly droppable: boolean;
}

/**
 * The half-block with what it adds weighted: by a learned gain, and by whether its layer is kept in this pass. Both are in `leave` or
 * `apply`, so that the reverse sweep makes the same of them as the forward pass.
 */
export function weighted(block: HalfBlock, { gain, droppable }: Weights): HalfBlock {
  if (!gain && !droppable) return block;
  const weigh = (out: Value, params: GainParams, context: BlockContext): Value => {
    const scaled = gain && params.gain ? multiply(out, spread(params.gain, out)) : out;
    const { kept } = context.own as KeptContext;
    return droppable && kept
      ? where(spread(greater(kept, 0), out), scaled, zerosLike(scaled))
      : scaled;
  };
  if (block.kind === "rows") {
    return {
      ...block,
      apply: (params, x, context, index) =>
        weigh(block.apply(params, x, context, index), params as GainParams, context),
    };
  }
  return {
    ...block,
    leave: (params, mixed, context, index) => {
      const { shared } = params as PartParams<unknown, GainParams>;
      return weigh(block.leave(params, mixed, context, index), shared, context);
    },
  };
}

const spread = (x: Value, like: Value): Value => broadcastInDim(x, like.shape, []);
