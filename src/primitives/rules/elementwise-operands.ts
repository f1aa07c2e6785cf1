/** Checks of operands that are combined element by element. */
import { formatAvals, type Aval } from "../../core/aval.ts";
import { isFixed, type DType } from "../../core/dtype.ts";
import { DTypeError, ShapeError } from "../../core/errors.ts";
import { shapesEqual } from "../../core/shape.ts";

export function expectSameShapes(where: string, inputs: readonly Aval[]): void {
  if (inputs.every((aval) => shapesEqual(aval.shape, inputs[0].shape))) return;
  throw new ShapeError("operands differ in shape", {
    where,
    expected: "equal shapes",
    got: formatAvals(inputs),
    fix: "Stretch them to one shape with broadcastInDim; the functions of reformax/numpy do so.",
  });
}

/** All operands have one dtype, and it is among `accepted`. */
export function expectOneDType(
  where: string,
  inputs: readonly Aval[],
  accepted: readonly DType[],
): void {
  const [{ dtype }] = inputs;
  if (inputs.some((aval) => aval.dtype !== dtype)) {
    throw new DTypeError("operands differ in dtype", {
      where,
      expected: "one dtype",
      got: formatAvals(inputs),
      fix: "Convert one of them with astype; the functions of reformax/numpy promote.",
    });
  }
  if (accepted.includes(dtype)) return;
  throw new DTypeError("the dtype is not supported", {
    where,
    expected: accepted.join(" or "),
    got: formatAvals(inputs),
    fix: isFixed(dtype) ? "Convert with fromFixed first." : "Convert with astype first.",
  });
}
