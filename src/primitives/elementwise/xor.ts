import { elementwise } from "../rules/elementwise.ts";

/** Exactly one: of bits for integers, logical for bool (`lax.bitwise_xor`). */
export const xor = elementwise({
  name: "xor",
  scalar: { i32: "xorI32", u32: "xorU32", bool: "xorBool" },
  derivative: "nonDifferentiable",
});
