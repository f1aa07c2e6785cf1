import type { Value } from "../../core/value.ts";
import type { HashStatistics } from "../attention/hash-statistics.ts";
import type { HalfBlock } from "../blocks/half-block.ts";

/** A half-block of a layer, under the name that its parameters and its context have in the layer's. */
export interface NamedHalfBlock {
  readonly name: string;
  readonly block: HalfBlock;
}

/**
 * A reversible layer: half-blocks one after another, on alternating streams. The first half-block of a stack is added to its
 * first stream as a function of the second, the next one to the second stream as a function of the first, and so on through the
 * whole stack, whatever belongs to which layer. So two half-blocks f and g are y1 = x1 + f(x2), y2 = x2 + g(y1) (paper,
 * equation 9), and the layer above one with an odd number of them begins with the second stream.
 */
export type ReversibleLayer = readonly NamedHalfBlock[];

/** What a layer's half-blocks have, each under its name: parameters or context. A plain object, of whatever type. */
export type LayerParams = object;

/** The same where the stack makes it. */
export type HalfTrees = Readonly<Record<string, unknown>>;

/** What the layers read besides their parameters. */
export interface StackContext {
  /** One tree for all layers, differentiable. */
  readonly shared: unknown;
  /** For each layer what belongs to its half-blocks alone, under their names; not differentiable. */
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
) => StackPass;

/** What a stack makes of its streams. */
export interface StackPass {
  readonly streams: Streams;
  readonly health: Health;
  /** Per layer the integers that each half-block computed, under its name: an attention's buckets; null where there are none. */
  readonly saved: readonly HalfTrees[];
}
