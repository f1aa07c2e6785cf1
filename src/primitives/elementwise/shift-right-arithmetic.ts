import { applyOp } from "../../ir/expression.ts";
import { asI32, asU32, shift } from "../rules/shift.ts";

/** x moved right by a number of bits, filled with its first bit (`lax.shift_right_arithmetic`). */
export const shiftRightArithmetic = shift("shiftRightArithmetic", (x, distance) => {
  const shifted = applyOp("shrI32", asI32(x), asI32(distance));
  return x.type === "u32" ? asU32(shifted) : shifted;
});
