import { elementwise } from "../rules/elementwise.ts";

/** Complement: of every bit for integers, logical for bool (`lax.bitwise_not`). */
export const not = elementwise({
  name: "not",
  scalar: { i32: "notI32", u32: "notU32", bool: "notBool" },
  derivative: "nonDifferentiable",
});
