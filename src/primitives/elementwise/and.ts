import { elementwise } from "../rules/elementwise.ts";

/** Both: of bits for integers, logical for bool (`lax.bitwise_and`). */
export const and = elementwise({
  name: "and",
  scalar: { i32: "andI32", u32: "andU32", bool: "andBool" },
  derivative: "nonDifferentiable",
});
