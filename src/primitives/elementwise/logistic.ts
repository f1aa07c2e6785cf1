import { fullLike, mul, sub } from "../../ir/ops.ts";
import { elementwise } from "../rules/elementwise.ts";

/** 1 / (1 + e^-x) (`lax.logistic`). */
export const logistic = elementwise({
  name: "logistic",
  scalar: { f32: "logisticF32" },
  derivative: [(t, _operands, y) => mul(t, mul(y, sub(fullLike(y, 1), y)))],
});
