import { formatAvals, type Aval } from "../../core/aval.ts";
import { isFixed } from "../../core/dtype.ts";
import { DTypeError } from "../../core/errors.ts";

/** All operands are fixed point with one scale. */
export function expectFixed(where: string, inputs: readonly Aval[]): void {
  const [{ dtype }] = inputs;
  if (isFixed(dtype) && inputs.every((aval) => aval.dtype === dtype)) return;
  throw new DTypeError("fixed point is needed", {
    where,
    expected: inputs.length === 1 ? "q32" : "q32 operands of one scale",
    got: formatAvals(inputs),
    fix: "Convert with toFixed first.",
  });
}
