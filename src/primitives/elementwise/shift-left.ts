import { applyOp } from "../../ir/expression.ts";
import { asI32, asU32, shift } from "../rules/shift.ts";

/** x moved left by a number of bits, filled with zeros (`lax.shift_left`). */
export const shiftLeft = shift("shiftLeft", (x, distance) =>
  x.type === "i32" ? applyOp("shlI32", x, asI32(distance)) : applyOp("shlU32", x, asU32(distance)),
);
