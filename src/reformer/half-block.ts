import type { Value } from "../core/value.ts";
import type { HashStatistics } from "./hash-statistics.ts";

/**
 * What a half-block reads besides its parameters and its input stream.
 * `shared` is one tree for all layers and differentiable (an encoder's output); `own` belongs to this
 * half-block and has no derivative (keys, rotations, masks).
 */
export interface BlockContext {
  readonly shared: unknown;
  readonly own: unknown;
}

/** The sum of `count` separately rounded contributions, e.g. one per attention head. */
export interface PartsBlock {
  readonly kind: "parts";
  readonly name: string;
  readonly count: number;
  /**
   * One contribution f32[B, L, d] from the stream x f32[B, L, d]. `params` is `{ shared, parts }` with
   * this part's slice of `parts`; `context.own` likewise is this part's slice. `saved` is what an
   * earlier call returned as such, or null: integers (buckets) that must not be computed anew.
   */
  readonly contribution: (
    params: { readonly shared: unknown; readonly own: unknown },
    x: Value,
    context: BlockContext,
    saved: unknown,
  ) => Contribution;
}

export interface Contribution {
  readonly out: Value;
  readonly saved: unknown;
  /** Of hashing, for monitoring; absent where nothing is hashed. */
  readonly statistics?: HashStatistics;
}

/** A function of each position alone, applied to chunks of rows. */
export interface RowsBlock {
  readonly kind: "rows";
  readonly name: string;
  /** Rows (batch x positions) at a time. */
  readonly chunk: number;
  /** f32[rows, d] to f32[rows, d]; `chunkIndex` is i32[] for keys of randomness. */
  readonly apply: (params: unknown, x: Value, context: BlockContext, chunkIndex: Value) => Value;
}

/** One half of a reversible layer: what is added to one stream as a function of the other. */
export type HalfBlock = PartsBlock | RowsBlock;

/** Declares a half-block as a sum of `count` contributions. */
export const parts = (
  name: string,
  count: number,
  contribution: PartsBlock["contribution"],
): PartsBlock => ({ kind: "parts", name, count, contribution });

/** Declares a half-block as a function of single rows, computed `chunk` rows at a time. */
export const rows = (name: string, chunk: number, apply: RowsBlock["apply"]): RowsBlock => ({
  kind: "rows",
  name,
  chunk,
  apply,
});

/** Parameters of a `parts` block: what all parts read, and one slice for each along the leading axis. */
export interface PartsParams {
  readonly shared: unknown;
  readonly parts: unknown;
}
