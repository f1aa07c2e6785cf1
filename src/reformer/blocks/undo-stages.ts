import * as tree from "../../core/tree.ts";
import type { Value } from "../../core/value.ts";
import { add, array } from "../../numpy/index.ts";
import { vjp } from "../../transforms/index.ts";
import { firstRows, flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";
import { accumulate, sumOf, zerosOf } from "../stack/cotangents.ts";
import { subtractFrom, valuesOf } from "../stack/stream.ts";
import type { BlockContext, PartParams, PartsBlock } from "./half-block.ts";
import { readContext } from "./read-context.ts";

interface Carry {
  readonly dParams: PartParams;
  readonly dRead: readonly Value[];
}

/** Cotangents of what all stages of a part read. */
interface Common {
  readonly dParams: PartParams;
  readonly dShared: unknown;
}

/** Takes a part's contribution off the stream; the cotangents of what it was computed from. */
export function undoLeave(
  block: PartsBlock,
  params: PartParams,
  { stream, mixed, dStream }: { stream: Value; mixed: Value; dStream: Value },
  context: BlockContext,
): Common & { readonly stream: Value; readonly dMixed: Value } {
  type Rows = readonly [stream: Value, mixed: Value, dStream: Value];
  const read = readContext(context.shared, (shared) =>
    block.leave(params, firstRows(mixed, block.chunk), { ...context, shared }, array(0, "i32")),
  );
  const [{ dParams, dRead }, [before, dMixed]] = scanRows<Carry, Rows, readonly [Value, Value]>(
    (sums, [acc, chunk, dOut], index) => {
      const leave = (p: PartParams, x: Value, c: readonly Value[]): Value =>
        block.leave(p, x, { ...context, shared: read.withValues(c) }, index);
      const [out, pullBack] = vjp(leave, params, chunk, read.values);
      const [dHere, dChunk, dReadHere] = pullBack(dOut);
      return [
        accumulate(sums, { dParams: dHere, dRead: dReadHere }),
        [subtractFrom(acc, out), dChunk],
      ];
    },
    { dParams: zerosOf(params), dRead: read.zeros },
    [flattenRows(stream), flattenRows(mixed), flattenRows(dStream)],
    { chunk: block.chunk, reverseSum: sumOf },
  );
  return {
    stream: unflattenRows(before, stream),
    dMixed: unflattenRows(dMixed, mixed),
    dParams,
    dShared: read.cotangent(dRead),
  };
}

/**
 * Adds what a part's cotangents are worth at the other stream to that stream's cotangent.
 *
 * @param above - the sums over the stages above, to which this one adds
 */
export function undoEnter(
  block: PartsBlock,
  params: PartParams,
  { other, dOther, dEntered }: { other: Value; dOther: Value; dEntered: unknown },
  context: BlockContext,
  above: Common,
): Common & { readonly dOther: Value } {
  type Rows = readonly [other: Value, dOther: Value, dEntered: unknown];
  const read = readContext(context.shared, (shared) =>
    block.enter(params, valuesOf(firstRows(other, block.chunk)), { ...context, shared }),
  );
  const onto: Carry = { dParams: above.dParams, dRead: read.ofCotangent(above.dShared) };
  const [{ dParams, dRead }, after] = scanRows<Carry, Rows, Value>(
    (sums, [chunk, dChunk, dHere]) => {
      const enter = (p: PartParams, x: Value, c: readonly Value[]): unknown =>
        block.enter(p, x, { ...context, shared: read.withValues(c) });
      const [, pullBack] = vjp(enter, params, valuesOf(chunk), read.values);
      const [dParamsHere, dx, dReadHere] = pullBack(dHere);
      return [accumulate(sums, { dParams: dParamsHere, dRead: dReadHere }), add(dChunk, dx)];
    },
    { dParams: zerosOf(params), dRead: read.zeros },
    [flattenRows(other), flattenRows(dOther), tree.map(flattenRows, dEntered)],
    { chunk: block.chunk, reverseSum: (carries) => sumOf([onto, ...carries]) },
  );
  return {
    dOther: unflattenRows(after, dOther),
    dParams,
    dShared: read.cotangent(dRead, above.dShared),
  };
}
