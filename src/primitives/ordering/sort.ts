import { avalOf } from "../../core/aval.ts";
import type { Value } from "../../core/value.ts";
import { bindNamed, gather } from "../../ir/ops.ts";
import { definePrimitive, type Params } from "../../ir/primitive.ts";
import { moveAxis } from "../batch-axes.ts";
import { expectRankFrom } from "../operand-checks.ts";

const sortOp = (x: Value): readonly Value[] => bindNamed("sort", [x]);

/**
 * Stable ascending sort of the last axis; results: the sorted values and where each came from (i32).
 * -0 equals +0 and NaN comes last (`lax.sort` with an iota operand). The tangent follows the indices.
 */
export const sort = definePrimitive<Params>({
  name: "sort",
  abstractEval: ([x]) => {
    expectRankFrom("sort", "x", x, 1);
    return [avalOf(x.dtype, x.shape, x.weak), avalOf("i32", x.shape)];
  },
  jvp: ([x], [tangent]) => {
    const [sorted, indices] = sortOp(x);
    return {
      primals: [sorted, indices],
      tangents: [tangent && gather(tangent, indices, x.shape.length - 1), undefined],
    };
  },
  transpose: "nonLinear",
  batch: ([x], [mapped = 0]) => {
    const axis = mapped === x.shape.length - 1 ? 0 : mapped;
    return { values: sortOp(moveAxis(x, mapped, axis)), axes: [axis, axis] };
  },
  lower: { kind: "kernel" },
  reference: ([x], [sorted, indices]) => {
    const length = x.aval.shape[x.aval.shape.length - 1];
    for (let start = 0; start < x.words.length; start += length) {
      const row = x.words.subarray(start, start + length);
      const order = Array.from({ length }, (_, i) => i).sort(
        (i, j) => compare(row[i], row[j]) || i - j,
      );
      order.forEach((from, slot) => {
        sorted.words[start + slot] = row[from];
        indices.words[start + slot] = from;
      });
    }
  },
});

/** Negative when a comes first; NaN after everything, equal to NaN. */
function compare(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}
