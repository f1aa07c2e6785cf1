import type { Value } from "../../../src/core/value.ts";
import { jit } from "../../../src/transforms/index.ts";
import { sameValues } from "./comparison.ts";
import { concrete, evaluate, functionOf, type Operands, type Subject } from "./subject.ts";

/** Compiled as a whole, with operands as arguments or closed over, the bits are those of evaluation. */
export function checkJit(subject: Subject, operands: Operands): void {
  const plain = evaluate(subject, operands);
  const f = functionOf(subject);
  const compare = (results: readonly Value[], what: string): void =>
    results.forEach((result, i) => sameValues(concrete(result), plain[i], what));
  compare(jit(f)(...operands), "jit");
  compare(jit(() => f(...operands))(), "jit with constants");
}
