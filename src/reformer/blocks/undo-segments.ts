import type { Value } from "../../core/value.ts";
import { add, array, multiply } from "../../numpy/index.ts";
import { vjp } from "../../transforms/index.ts";
import { firstRows, flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";
import { accumulate, sumOf, zerosOf } from "../stack/cotangents.ts";
import { subtractFrom, valuesOf } from "../stack/stream.ts";
import type { PartParams, PartsBlock, SegmentedMix } from "./half-block.ts";
import { readContext } from "./read-context.ts";
import { seenBefore, segmentOf, type Segment } from "./segments.ts";
import type { UndoPart } from "./block-functions.ts";

/** From the last segment to the first; what a segment sees of the one before is computed anew. */
export const undoInSegments =
  (block: PartsBlock, segments: SegmentedMix): UndoPart =>
  (params, { stream, other, dStream, dOther }, context) => {
    interface Carry {
      readonly dParams: PartParams;
      readonly dRead: readonly Value[];
      /** Cotangent of what the next segment saw of this one. */
      readonly dSeen: unknown;
    }
    type Rows = readonly [stream: Value, other: Value, dStream: Value, dOther: Value];
    const rows = flattenRows(other);
    const segment = segmentOf(block, segments);
    const zero = array(0, "i32");
    const nothing = seenBefore(block, segments, params, rows, context, zero);
    const read = readContext(context.shared, (shared) => {
      const x = valuesOf(firstRows(other, segments.rows));
      return segment(params, nothing, x, { ...context, shared }, zero);
    });
    const [{ dParams, dRead }, [before, after]] = scanRows<Carry, Rows, readonly [Value, Value]>(
      (sum, [acc, chunk, dOut, dChunk], index) => {
        const first = multiply(index, segments.rows);
        const compute = (p: PartParams, c: readonly Value[], b: unknown, x: Value): Segment =>
          segment(p, b, x, { ...context, shared: read.withValues(c) }, index);
        const seen = seenBefore(block, segments, params, rows, context, first);
        const [{ contribution }, pullBack] = vjp(
          compute,
          params,
          read.values,
          seen,
          valuesOf(chunk),
        );
        const [dParamsHere, dReadHere, dSeen, dx] = pullBack({
          contribution: dOut,
          seen: sum.dSeen,
        });
        const next: Carry = {
          dParams: accumulate(sum.dParams, dParamsHere),
          dRead: accumulate(sum.dRead, dReadHere),
          dSeen,
        };
        return [next, [subtractFrom(acc, contribution), add(dChunk, dx)]];
      },
      { dParams: zerosOf(params), dRead: read.zeros, dSeen: zerosOf(nothing) },
      [flattenRows(stream), rows, flattenRows(dStream), flattenRows(dOther)],
      { chunk: segments.rows, reverseSum: sumOf },
    );
    return {
      stream: unflattenRows(before, stream),
      dOther: unflattenRows(after, dOther),
      dParams,
      dShared: read.cotangent(dRead),
    };
  };
