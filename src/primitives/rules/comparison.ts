import { applyOp, type ScalarOp } from "../../ir/expression.ts";
import type { Primitive } from "../../ir/primitive.ts";
import { elementwise } from "./elementwise.ts";

type Relation = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

/** A comparison of f32, integers or bools (false < true); the result is bool. */
export const comparison = (name: Relation): Primitive => {
  const ofIntegers: ScalarOp = `${name}I32`;
  return elementwise({
    name,
    scalar: {
      f32: `${name}F32`,
      i32: ofIntegers,
      u32: `${name}U32`,
      bool: (x, y) => applyOp(ofIntegers, applyOp("boolToI32", x), applyOp("boolToI32", y)),
    },
    derivative: "nonDifferentiable",
  });
};
