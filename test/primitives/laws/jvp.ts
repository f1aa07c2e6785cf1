import type { Tensor } from "../../../src/core/tensor.ts";
import type { Tangent } from "../../../src/ir/primitive.ts";
import { jvpOf } from "../../../src/transforms/jvp.ts";
import { agree, closeTo } from "./comparison.ts";
import { finiteDifference, tangentsOf } from "./finite-difference.ts";
import {
  checkTangentType,
  concrete,
  evaluate,
  functionOf,
  hasTangents,
  tangentPatterns,
  zerosLike,
  type FlatFunction,
  type Operands,
  type Subject,
} from "./subject.ts";

/** The tangents are those of central differences, and the primals those of evaluation. */
export function checkJvp(subject: Subject, operands: Operands, seed: number): void {
  const directions = tangentsOf(operands, seed);
  for (const pattern of tangentPatterns(operands)) {
    checkDerivative(functionOf(subject), operands, masked(directions, pattern), subject.tolerance);
  }
}

/** The same of the function that the derivative is: rules of rules are right. */
export function checkSecondDerivative(subject: Subject, operands: Operands, seed: number): void {
  const f = functionOf(subject);
  const inner = tangentsOf(operands, seed + 1);
  const outputs = evaluate(subject, operands);
  const derivative: FlatFunction = (...values) =>
    jvpOf(f, values, inner).tangents.flatMap((tangent, i) =>
      hasTangents(outputs[i]) ? [tangent ?? zerosLike(outputs[i])] : [],
    );
  checkDerivative(derivative, operands, tangentsOf(operands, seed), subject.tolerance);
}

const masked = (tangents: readonly Tangent[], pattern: readonly boolean[]): Tangent[] =>
  tangents.map((tangent, i) => (pattern[i] ? tangent : undefined));

/** Forward mode of any function against central differences. */
export function checkDerivative(
  f: FlatFunction,
  operands: Operands,
  tangents: readonly Tangent[],
  tolerance: number,
): void {
  const evaluated = (values: Operands): readonly Tensor[] => f(...values).map(concrete);
  const plain = evaluated(operands);
  const result = jvpOf(f, operands, tangents);
  result.primals.forEach((primal, i) => agree(concrete(primal), plain[i], tolerance, "primal"));
  finiteDifference(evaluated, operands, tangents).forEach((difference, i) => {
    const tangent = result.tangents[i];
    if (!difference) {
      if (tangent) throw new Error(`result ${i} has no derivative but has a tangent`);
      return;
    }
    const got = tangent ? concrete(tangent) : zerosLike(plain[i]);
    checkTangentType(got, plain[i], "the tangent");
    closeTo(got.words(), difference.derivative, difference.error, "tangent");
  });
}
