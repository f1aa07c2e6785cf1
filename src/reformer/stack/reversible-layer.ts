import type { Value } from "../../core/value.ts";
import type { HalfBlock } from "../blocks/half-block.ts";
import type { HashStatistics } from "../attention/hash-statistics.ts";

/** A reversible layer: y1 = x1 + f(x2), y2 = x2 + g(y1) (paper, equation 9). */
export interface ReversibleLayer {
  readonly f: HalfBlock;
  readonly g: HalfBlock;
}

export interface LayerParams {
  readonly f: unknown;
  readonly g: unknown;
}

/** What the layers read besides their parameters. */
export interface StackContext {
  /** One tree for all layers, differentiable. */
  readonly shared: unknown;
  /** For each layer what belongs to its half-blocks alone; not differentiable. */
  readonly layers: readonly LayerParams[];
}

export interface Streams {
  readonly first: Value;
  readonly second: Value;
}

/** Says whether the streams stayed in range: rounding errors cannot hide in wrapped integers. */
export interface Health {
  /** Largest magnitude in any stream, f32[]; NaN if there was one. */
  readonly magnitude: Value;
  /** First layer with NaN or overflow, i32[]; -1 if none. */
  readonly badLayer: Value;
  /** Of the hashing in all layers. */
  readonly hashing: HashStatistics;
}

/** `context` may be left out where no half-block reads one. */
export type StackFunction = (
  params: readonly LayerParams[],
  streams: Streams,
  context?: StackContext,
) => { readonly streams: Streams; readonly health: Health };
