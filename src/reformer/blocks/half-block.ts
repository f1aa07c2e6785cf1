import { checkFunction, checkKind, checkRecord, checkText } from "../../core/arguments.ts";
import { orAbsent } from "../../core/kinds.ts";
import type { Value } from "../../core/value.ts";
import type { HashStatistics } from "../attention/hash-statistics.ts";

/**
 * What a half-block reads besides its parameters and its input stream.
 * `shared` is one tree for all layers and differentiable (an encoder's output); `own` belongs to this
 * half-block and has no derivative (keys, rotations, masks).
 */
export interface BlockContext<Own = unknown, Shared = unknown> {
  readonly shared: Shared;
  readonly own: Own;
}

/** All parameters of a part: those that it shares with the others, and its slice of the stacked ones. */
export interface PartParams<Own = unknown, Shared = unknown> {
  readonly shared: Shared;
  readonly own: Own;
}

/**
 * One part of a half-block in three stages, of which only the middle one sees more than single positions: what exists at full
 * length is as wide as a part (a head), not as the stream. In every stage `context.own` is this part's slice.
 */
export interface PartStages<
  Params extends PartParams = PartParams,
  Entered = unknown,
  Context extends BlockContext = BlockContext,
> {
  /** Rows (batch x positions) at a time in `enter` and `leave`. */
  readonly chunk: number;
  /** Norm and projections: f32[rows, d] of the stream to a tree of f32[rows, ...]. */
  readonly enter: (params: Params, x: Value, context: Context) => Entered;
  /**
   * From the tree of f32[B, L, ...] to f32[B, L, width]; `context.shared` may have a length of its own (an encoder's output). `saved` is what an earlier call returned as such, or null:
   * integers (buckets) that must not be computed anew.
   */
  readonly mix: (params: Params, entered: Entered, context: Context, saved: unknown) => Mixed;
  /** The same for sequences x[B, L, d] whose `mix` can go segment by segment; null for others. */
  readonly inSegments?: (x: Value, context: Context) => SegmentedMix | null;
  /** The contribution to the stream, f32[rows, d], of rows of what `mix` gave; `chunkIndex` is i32[] for keys of randomness. */
  readonly leave: (params: Params, mixed: Value, context: Context, chunkIndex: Value) => Value;
  /**
   * What is added instead of the contributions: a function of rows f32[rows, d] of their sum, and of what the parts share. Then the
   * reverse sweep computes all contributions once more before it undoes them.
   */
  readonly finish?: (shared: Params["shared"], sum: Value) => Value;
}

/** How a part mixes segments of rows one after another, so that nothing of the whole length exists. */
export interface SegmentedMix {
  /** Rows of a segment; divides the length. */
  readonly rows: number;
  /** A segment depends on this many rows before it, on none after it. */
  readonly reach: number;
  /** What the rows after some see of what `enter` made of them. */
  readonly seen: (entered: unknown) => unknown;
  /**
   * From what is seen of the `reach` rows before, and what `enter` made of the segment's own, to f32[rows, width].
   * `segment` is i32[], counted over the batch: where a sequence begins the rows before are not its own.
   */
  readonly mix: (
    params: PartParams,
    before: unknown,
    entered: unknown,
    context: BlockContext,
    segment: Value,
  ) => Value;
}

export interface Mixed {
  readonly out: Value;
  readonly saved: unknown;
  /** Of hashing, for monitoring; absent where nothing is hashed. */
  readonly statistics?: HashStatistics;
}

/** The sum of `count` separately rounded contributions, e.g. one per attention head. */
export interface PartsBlock extends PartStages {
  readonly kind: "parts";
  readonly name: string;
  readonly count: number;
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

/** One step of a reversible layer: what is added to one stream as a function of the other. */
export type HalfBlock = PartsBlock | RowsBlock;

const stageKinds = {
  chunk: "size",
  enter: "function",
  mix: "function",
  inSegments: orAbsent("function"),
  leave: "function",
  finish: orAbsent("function"),
} as const;

/**
 * Declares a half-block as a sum of `count` contributions. The types are what its stages say that they read: nothing
 * checks them against the trees that the stack is called with.
 *
 * @param name - in plans and messages
 */
export const parts = <
  Params extends PartParams = PartParams,
  Entered = unknown,
  Context extends BlockContext = BlockContext,
>(
  name: string,
  count: number,
  stages: PartStages<Params, Entered, Context>,
): PartsBlock => {
  checkText(name, "name", "parts");
  checkKind(count, "size", "count", "parts");
  checkRecord<PartStages<Params, Entered, Context>>(stages, stageKinds, "stages", "parts");
  return { ...(stages as unknown as PartStages), kind: "parts", name, count };
};

/**
 * Declares a half-block as a function of single rows, computed `chunk` rows at a time. As for {@link parts}, nothing
 * checks the types of parameters and context.
 *
 * @param name - in plans and messages
 */
export const rows = <Params = unknown, Context extends BlockContext = BlockContext>(
  name: string,
  chunk: number,
  apply: (params: Params, x: Value, context: Context, chunkIndex: Value) => Value,
): RowsBlock => {
  checkText(name, "name", "rows");
  checkKind(chunk, "size", "chunk", "rows");
  checkFunction(apply, "apply", "rows");
  return { kind: "rows", name, chunk, apply: apply as RowsBlock["apply"] };
};

/** Parameters of a `parts` block: what all parts read, and one slice for each along the leading axis. */
export interface PartsParams {
  readonly shared: unknown;
  readonly parts: unknown;
}
