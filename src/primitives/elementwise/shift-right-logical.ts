import { applyOp } from "../../ir/expression.ts";
import { asI32, asU32, shift } from "../rules/shift.ts";

/** x moved right by a number of bits, filled with zeros (`lax.shift_right_logical`). */
export const shiftRightLogical = shift("shiftRightLogical", (x, distance) => {
  const shifted = applyOp("shrU32", asU32(x), asU32(distance));
  return x.type === "i32" ? asI32(shifted) : shifted;
});
