import type { Value } from "../../core/value.ts";
import { broadcastInDim, sliceInDim } from "../../lax/index.ts";
import { dense, sru, type DenseParams, type SruParams } from "../../nn/index.ts";
import { add, concatenate, notEqual, where, zerosLike } from "../../numpy/index.ts";
import type { SharedContext } from "./attention-params.ts";
import {
  feedForwardRows,
  type FeedForwardContext,
  type FeedForwardOptions,
  type FeedForwardParams,
} from "./feed-forward-block.ts";
import { parts, type BlockContext, type PartParams, type PartsBlock } from "./half-block.ts";
import { normalize, type NormParams } from "./norm.ts";
import type { GainParams } from "./weighted-block.ts";

/** Simple recurrent units in a layer's feed-forward half. */
export interface RecurrentKind {
  /** Units one after another. */
  readonly layers: number;
  /** Their width, between two dense layers; absent: the model's, without them, as trax' Reformer of 2020 has it. */
  readonly units?: number;
  /** Whether they stand for the feed-forward layer (when absent), or what they give is added to what it gives, as in trax from 2021 on. */
  readonly place?: "instead" | "beside";
}

/** Parameters of such a half-block, which is a sum of a single part. */
export interface RecurrentParams {
  readonly shared: GainParams & {
    readonly norm: NormParams;
    /** To the width of the units, and from it: where they have one of their own. */
    readonly inner?: DenseParams;
    readonly outer?: DenseParams;
    readonly units: readonly SruParams[];
    /** The feed-forward layer beside them. */
    readonly dense?: Pick<FeedForwardParams, "inner" | "outer">;
  };
  /** Nothing. */
  readonly parts: object;
}

export interface RecurrentOptions extends FeedForwardOptions {
  readonly recurrent: RecurrentKind;
}

/** Mixes what has entered: f32[B, L, units], to as much; `saved` is what a cache keeps. */
export type MixUnits = (
  units: readonly SruParams[],
  signal: Value,
  context: BlockContext,
) => { readonly out: Value; readonly saved: unknown };

type Params = PartParams<object, RecurrentParams["shared"]>;
type Context = BlockContext<FeedForwardContext, SharedContext>;

/** What goes along the text, f32[rows, units], and what the feed-forward layer beside it will read, f32[rows, d]. */
interface Entered {
  readonly signal: Value;
  readonly normed?: Value;
}

/**
 * Norm, then simple recurrent units along the text: what a token gets depends on those before it, never on later ones. Padding enters as
 * zeros, so that what stands there makes no difference.
 */
export function recurrentBlock(
  options: RecurrentOptions,
  mixUnits: MixUnits = wholeText,
): PartsBlock {
  const { recurrent, ...feedForward } = options;
  const beside = recurrent.place === "beside";
  return parts("recurrent", 1, {
    chunk: options.chunk,
    enter: ({ shared: { norm, inner } }: Params, x): Entered => {
      const normed = normalize(options.norm ?? "layer", norm, x, options.normEpsilon);
      const signal = inner ? dense(inner, normed) : normed;
      return beside ? { signal, normed } : { signal };
    },
    mix: ({ shared: { units } }: Params, { signal, normed }: Entered, context: Context) => {
      const { out, saved } = mixUnits(units, signal, context);
      return { out: normed ? concatenate([out, normed], 2) : out, saved };
    },
    leave: ({ shared }: Params, mixed, { own: { dropoutKey } }: Context, chunkIndex) => {
      const { outer, dense: inBetween } = shared;
      const width = inBetween ? mixed.shape[1] - inBetween.inner.kernel.shape[0] : mixed.shape[1];
      const recurred = inBetween ? sliceInDim(mixed, 0, width, 1) : mixed;
      const out = outer ? dense(outer, recurred) : recurred;
      if (!inBetween) return out;
      const normed = sliceInDim(mixed, width, mixed.shape[1], 1);
      return add(feedForwardRows(feedForward, inBetween, normed, dropoutKey, chunkIndex), out);
    },
  });
}

const wholeText: MixUnits = (units, signal, context) => {
  const { valid } = (context as Context).shared;
  return { out: units.reduce((x, unit) => sru(unit, masked(x, valid)), signal), saved: null };
};

/** Zeros at padding. */
const masked = (x: Value, valid: Value | null): Value =>
  valid ? where(broadcastInDim(notEqual(valid, 0), x.shape, [0, 1]), x, zerosLike(x)) : x;
