import type { Value } from "../../core/value.ts";
import type { Tangent, TransposeOperand } from "../../ir/primitive.ts";

/**
 * Transpose of one side of a bilinear operation: `rule` receives the other, known side; nothing for
 * an operand that is not linear.
 */
export function transposeBeside(
  operand: TransposeOperand,
  other: TransposeOperand,
  cotangent: Tangent,
  rule: (cotangent: Value, known: Value) => Value,
): Tangent {
  if (!operand.linear || !cotangent) return undefined;
  if (other.linear) throw new TypeError("a bilinear operation has two linear operands");
  return rule(cotangent, other.value);
}
