import { elementwise } from "../rules/elementwise.ts";

/** Either: of bits for integers, logical for bool (`lax.bitwise_or`). */
export const or = elementwise({
  name: "or",
  scalar: { i32: "orI32", u32: "orU32", bool: "orBool" },
  derivative: "nonDifferentiable",
});
