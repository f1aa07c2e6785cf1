import { isDifferentiable } from "../../core/dtype.ts";
import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { makeProgram } from "../../transforms/index.ts";
import { zerosOf } from "../stack/cotangents.ts";

/**
 * What a loop over chunks of rows reads of the shared context, so that it carries cotangents of that and of nothing else: the sum over
 * the chunks of an encoder's output that none of them reads would cost as much time and memory as one that all read.
 */
export interface ReadContext {
  /** The differentiable arrays that are read, in the order of the tree. */
  readonly values: readonly Value[];
  /** Their cotangents before the first chunk. */
  readonly zeros: readonly Value[];
  /** The whole shared context, with these in place of the arrays that are read. */
  readonly withValues: (values: readonly Value[]) => unknown;
  /** Of a cotangent of the whole shared context what belongs to the arrays that are read. */
  readonly ofCotangent: (dShared: unknown) => readonly Value[];
  /** A cotangent of the whole shared context with these in place of what belongs to them, or zeros elsewhere. */
  readonly cotangent: (ofValues: readonly Value[], dShared?: unknown) => unknown;
}

/** @param stage - what one turn of the loop makes of the shared context; called once, in a trace of its own */
export function readContext(shared: unknown, stage: (shared: unknown) => unknown): ReadContext {
  const leaves = tree.leaves<Value>(shared);
  const isRead = readLeaves(shared, leaves, stage);
  // A cotangent has no leaf, but null, for what is not differentiable.
  const inCotangent = isRead.filter((_, i) => isDifferentiable(leaves[i].dtype));
  const values = pick(isRead, leaves);
  return {
    values,
    zeros: zerosOf(values),
    withValues: (given) => put(isRead, given, shared),
    ofCotangent: (dShared) => pick(inCotangent, tree.leaves<Value>(dShared)),
    cotangent: (given, dShared = zerosOf(shared)) => put(inCotangent, given, dShared),
  };
}

const pick = <T>(mask: readonly boolean[], items: readonly T[]): readonly T[] =>
  items.filter((_, i) => mask[i]);

/** The tree with the given values, in order, at the leaves where the mask holds. */
function put(mask: readonly boolean[], given: readonly Value[], into: unknown): unknown {
  const { leaves, structure } = tree.flatten<Value>(into);
  const next = given.values();
  return tree.unflatten(
    structure,
    leaves.map((leaf, i) => (mask[i] ? next.next().value : leaf)),
  );
}

function readLeaves(
  shared: unknown,
  leaves: readonly Value[],
  stage: (shared: unknown) => unknown,
): readonly boolean[] {
  const differentiable = leaves.map(({ dtype }) => isDifferentiable(dtype));
  if (!differentiable.includes(true)) return differentiable;
  const { inputs, equations, outputs } = makeProgram(stage)(shared);
  const read = new Set([...equations.flatMap((equation) => equation.inputs), ...outputs]);
  const ofShared = inputs.slice(inputs.length - leaves.length);
  return differentiable.map((is, i) => is && read.has(ofShared[i]));
}
