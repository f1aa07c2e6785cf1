import { formatAvals } from "../../../src/core/aval.ts";
import { evaluate, type Operands, type Subject } from "./subject.ts";

/** Results have the types that the abstract evaluation says, and bools are 0 or 1. */
export function checkTypes(subject: Subject, operands: Operands): void {
  const avals = operands.map((operand) => operand.aval);
  const expected = subject.primitive.abstractEval(avals, subject.params);
  const results = evaluate(subject, operands);
  const got = results.map((result) => result.aval);
  if (formatAvals(got) !== formatAvals(expected)) {
    throw new Error(`types are ${formatAvals(got)}, abstractEval says ${formatAvals(expected)}`);
  }
  for (const result of results) {
    if (result.dtype === "bool" && result.words().some((word) => word !== 0 && word !== 1)) {
      throw new Error("a bool is neither 0 nor 1");
    }
  }
}
