/** What adding a half-block to a stream takes and gives, and what undoing it does. */
import type { Value } from "../../core/value.ts";
import type { HashStatistics } from "../attention/hash-statistics.ts";
import type { BlockContext, PartParams } from "./half-block.ts";

/** A stream after a half-block was added to it. */
export interface Added {
  readonly stream: Value;
  /**
   * The other stream, unchanged. Whoever reads it later reads this one: then reverse mode begins with the cotangent that
   * comes from there and adds what each part contributes, as the sweep does in place.
   */
  readonly other: Value;
  /** Integers to keep for a backward pass that must not compute them anew (float mode). */
  readonly saved: unknown;
  /** Largest magnitude of the stream's real values, NaN included: f32[]. */
  readonly magnitude: Value;
  readonly statistics: HashStatistics;
}

export type AddFunction = (
  params: unknown,
  stream: Value,
  other: Value,
  context: BlockContext,
) => Added;

/** What the reverse sweep knows above a half-block. */
export interface Above {
  /** The stream to which the half-block was added, and the one from which it was computed. */
  readonly stream: Value;
  readonly other: Value;
  /** Their cotangents, f32. */
  readonly dStream: Value;
  readonly dOther: Value;
}

/** One half-block undone: the stream before it, and the cotangents that it sends on. */
export interface Undone {
  readonly stream: Value;
  /** Cotangent of the other stream, f32: that from above with all contributions added. */
  readonly dOther: Value;
  readonly dParams: unknown;
  /** Cotangents of `context.shared`, null where it is not differentiable. */
  readonly dShared: unknown;
}

export type UndoFunction = (
  params: unknown,
  above: Above,
  context: BlockContext,
  saved: unknown,
) => Undone;

/** The same of one part. */
export interface PartUndone extends Undone {
  readonly dParams: PartParams;
}

export type UndoPart = (
  params: PartParams,
  above: Above,
  context: BlockContext,
  saved: unknown,
) => PartUndone;
