import type { Aval } from "../core/aval.ts";
import type { Value } from "../core/value.ts";
import { convert } from "../ir/ops.ts";

/**
 * The types of what a loop carries: a JavaScript number at the start takes the dtype that the body gives it, f32 where the
 * body leaves it a number. `afterBody` traces the body for carries of the given types.
 */
export function carryTypes(
  initial: readonly Aval[],
  afterBody: (types: readonly Aval[]) => readonly Aval[],
): readonly Aval[] {
  if (!initial.some(({ weak }) => weak)) return initial;
  const after = afterBody(initial);
  return initial.map((aval, i) => {
    if (!aval.weak) return aval;
    return after[i].weak
      ? { ...aval, dtype: "f32" }
      : { ...aval, dtype: after[i].dtype, weak: false };
  });
}

/** What the body gave, as the carry that it continues: a number takes the carry's dtype. */
export const settleWeak = (value: Value, { dtype }: Aval): Value =>
  value.aval.weak ? convert(value, dtype) : value;
