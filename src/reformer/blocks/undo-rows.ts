import type { Value } from "../../core/value.ts";
import { add, array } from "../../numpy/index.ts";
import { vjp } from "../../transforms/index.ts";
import { firstRows, flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";
import { accumulate, sumOf, zerosOf } from "../stack/cotangents.ts";
import { subtractFrom, valuesOf } from "../stack/stream.ts";
import type { RowsBlock } from "./half-block.ts";
import { readContext } from "./read-context.ts";
import type { UndoFunction } from "./block-functions.ts";

/** Undoes a function of single rows, chunk by chunk. */
export const undoRows =
  (block: RowsBlock): UndoFunction =>
  (params, { stream, other, dStream, dOther }, context) => {
    type Carry = readonly [dParams: unknown, dRead: readonly Value[]];
    type Rows = readonly [stream: Value, other: Value, dStream: Value, dOther: Value];
    const read = readContext(context.shared, (shared) =>
      block.apply(
        params,
        valuesOf(firstRows(other, block.chunk)),
        { ...context, shared },
        array(0, "i32"),
      ),
    );
    const start: Carry = [zerosOf(params), read.zeros];
    const [[dParams, dRead], [before, after]] = scanRows<Carry, Rows, readonly [Value, Value]>(
      (sums, [acc, chunk, dOut, dChunk], index) => {
        const apply = (p: unknown, y: Value, c: readonly Value[]): Value =>
          block.apply(p, y, { ...context, shared: read.withValues(c) }, index);
        const [out, pullBack] = vjp(apply, params, valuesOf(chunk), read.values);
        const [dParamsHere, dx, dReadHere] = pullBack(dOut);
        return [
          accumulate<Carry>(sums, [dParamsHere, dReadHere]),
          [subtractFrom(acc, out), add(dChunk, dx)],
        ];
      },
      start,
      [flattenRows(stream), flattenRows(other), flattenRows(dStream), flattenRows(dOther)],
      { chunk: block.chunk, reverseSum: sumOf },
    );
    return {
      stream: unflattenRows(before, stream),
      dOther: unflattenRows(after, dOther),
      dParams,
      dShared: read.cotangent(dRead),
    };
  };
