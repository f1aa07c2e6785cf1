import type { Value } from "../../core/value.ts";
import { array, reshape } from "../../numpy/index.ts";
import { noStatistics } from "../attention/hash-statistics.ts";
import { flattenRows, scanRows } from "../row-chunks.ts";
import { addTo, valuesOf } from "../stack/stream.ts";
import type { AddFunction } from "./block-functions.ts";
import { checkContribution } from "./block-checks.ts";
import type { RowsBlock } from "./half-block.ts";
import { watch } from "./watch.ts";

/** Adds a function of single rows, chunk after chunk. */
export const addRows =
  (block: RowsBlock): AddFunction =>
  (params, stream, other, context) => {
    const [magnitude, rows] = scanRows<Value, readonly [Value, Value], Value>(
      (largest, [acc, chunk], index) => {
        const applied = block.apply(params, valuesOf(chunk), context, index);
        const out = checkContribution(block, applied, acc);
        return [watch(largest, acc, out), addTo(acc, out)];
      },
      array(0),
      [flattenRows(stream), flattenRows(other)],
      { chunk: block.chunk },
    );
    return {
      stream: reshape(rows, stream.shape),
      other,
      saved: null,
      magnitude,
      statistics: noStatistics(),
    };
  };
