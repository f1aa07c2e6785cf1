import { agree } from "./comparison.ts";
import { concrete, evaluate, type Operands, type Subject } from "./subject.ts";

/** A fused operation computes what its decomposition does. */
export function checkDecomposition(subject: Subject, operands: Operands): void {
  const { decompose } = subject.primitive;
  if (!decompose) throw new Error("there is no decomposition");
  const plain = evaluate(subject, operands);
  decompose(operands, subject.params).forEach((value, i) =>
    agree(concrete(value), plain[i], subject.tolerance, "decomposition"),
  );
}
