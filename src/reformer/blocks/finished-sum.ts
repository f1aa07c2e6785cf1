import type { Value } from "../../core/value.ts";
import { array, zeros } from "../../numpy/index.ts";
import { vjp } from "../../transforms/index.ts";
import { flattenRows, scanRows, unflattenRows } from "../row-chunks.ts";
import { accumulate, sumOf, zerosOf } from "../stack/cotangents.ts";
import { addTo, subtractFrom } from "../stack/stream.ts";
import { addParts } from "./add-parts.ts";
import { checkContribution } from "./block-checks.ts";
import type { AddFunction, UndoFunction } from "./block-functions.ts";
import type { PartsBlock, PartsParams } from "./half-block.ts";
import { undoParts } from "./undo-parts.ts";
import { watch } from "./watch.ts";

/** Parts whose sum something is made of before it is added to a stream: their contributions are added to zeros in f32 first. */

type Finish = NonNullable<PartsBlock["finish"]>;

/** Adds what `finish` makes of the sum of all parts. */
export const addFinished =
  (block: PartsBlock, finish: Finish): AddFunction =>
  (params, start, source, context) => {
    const { shared } = params as PartsParams;
    const { stream: sum, ...rest } = addParts(block)(params, zeros(start.shape), source, context);
    const [magnitude, after] = scanRows<Value, readonly [Value, Value], Value>(
      (largest, [acc, chunk]) => {
        const out = checkContribution(block, finish(shared, chunk), acc);
        return [watch(largest, acc, out), addTo(acc, out)];
      },
      array(0),
      [flattenRows(start), flattenRows(sum)],
      { chunk: block.chunk },
    );
    return { ...rest, stream: unflattenRows(after, start), magnitude };
  };

/** Undoes it: the sum is computed again, taken off and differentiated, and then undone part by part as if it were a stream. */
export const undoFinished =
  (block: PartsBlock, finish: Finish): UndoFunction =>
  (params, { stream, other, dStream, dOther }, context, saved) => {
    const { shared } = params as PartsParams;
    const { stream: sum } = addParts(block, saved)(params, zeros(stream.shape), other, context);
    type Rows = readonly [stream: Value, sum: Value, dStream: Value];
    const [dFinish, [before, dSum]] = scanRows<unknown, Rows, readonly [Value, Value]>(
      (sums, [acc, chunk, dOut]) => {
        const [out, pullBack] = vjp((p: unknown, x: Value): Value => finish(p, x), shared, chunk);
        const [dHere, dChunk] = pullBack(dOut);
        return [accumulate(sums, dHere), [subtractFrom(acc, out), dChunk]];
      },
      zerosOf(shared),
      [flattenRows(stream), flattenRows(sum), flattenRows(dStream)],
      { chunk: block.chunk, reverseSum: sumOf },
    );
    const above = { stream: sum, other, dStream: unflattenRows(dSum, stream), dOther };
    const { dParams, ...undone } = undoParts(block)(params, above, context, saved);
    const { shared: dShared, parts } = dParams as PartsParams;
    return {
      ...undone,
      stream: unflattenRows(before, stream),
      dParams: { shared: accumulate(dFinish, dShared), parts },
    };
  };
