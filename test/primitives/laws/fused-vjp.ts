import type { Tensor } from "../../../src/core/tensor.ts";
import type { FusedVjp, Params, Tangent } from "../../../src/ir/primitive.ts";
import { definedOnly } from "../../../src/transforms/tangents.ts";
import { checkAdjointOf } from "./adjoint.ts";
import { checkBatchOf } from "./batch.ts";
import { closeTo, innerProduct, sameValues } from "./comparison.ts";
import { finiteDifference, tangentsOf } from "./finite-difference.ts";
import { checkDerivative } from "./jvp.ts";
import {
  checkTangentType,
  concrete,
  evaluate,
  hasTangents,
  tangentPatterns,
  type FlatFunction,
  type Operands,
  type Subject,
} from "./subject.ts";

/**
 * A fused derivative has the primal's results and the cotangents of central differences, whichever results have one; it maps over
 * examples, and has derivatives itself, in both modes.
 */
export function checkFusedVjp(subject: Subject, examples: readonly Operands[], seed: number): void {
  const { vjp } = subject.primitive;
  if (typeof vjp !== "object") throw new Error("there is no fused vjp");
  const [operands] = examples;
  const plain = evaluate(subject, operands);
  vjp
    .forward(operands, subject.params)
    .outputs.forEach((output, i) => sameValues(concrete(output), plain[i], "forward's result"));
  const cotangents = tangentsOf(plain, seed).map(concrete);
  for (const pattern of tangentPatterns(plain)) {
    const some = cotangents.map((cotangent, i) => (pattern[i] ? cotangent : undefined));
    checkCotangents(subject, vjp, operands, some, seed + 1);
  }
  const pullBack = pullBackOf(subject, vjp, operands.length);
  const withCotangents = examples.map((each, i) => [
    ...each,
    ...tangentsOf(plain, seed + i).map(concrete),
  ]);
  checkBatchOf(pullBack, withCotangents, subject.tolerance);
  const [all] = withCotangents;
  checkDerivative(pullBack, all, tangentsOf(all, seed + 2), subject.tolerance);
  checkAdjointOf(pullBack, all, subject.tolerance, seed + 3);
}

/** Operands and cotangents of all results to the cotangents of the operands that have one. */
const pullBackOf =
  ({ params }: Subject, { forward, backward }: FusedVjp<Params>, count: number): FlatFunction =>
  (...values) => {
    const { residuals } = forward(values.slice(0, count), params);
    return definedOnly(backward(residuals, values.slice(count), params));
  };

/** The cotangent of each operand, along a direction, is what central differences of the results make of theirs. */
function checkCotangents(
  subject: Subject,
  { forward, backward }: FusedVjp<Params>,
  operands: Operands,
  cotangents: readonly Tangent[],
  seed: number,
): void {
  const { params } = subject;
  const gradients = backward(forward(operands, params).residuals, cotangents, params);
  if (gradients.length !== operands.length)
    throw new Error(`${gradients.length} cotangents of ${operands.length} operands`);
  const directions = tangentsOf(operands, seed);
  const evaluated = (values: readonly Tensor[]): Tensor[] => evaluate(subject, values);
  operands.forEach((operand, i) => {
    const gradient = gradients[i];
    if (!hasTangents(operand)) {
      if (gradient) throw new Error(`operand ${i} has no derivative but a cotangent`);
      return;
    }
    const direction = concrete(directions[i]);
    const alone = operands.map((_, j) => (j === i ? direction : undefined));
    let expected = 0;
    let error = 1e-6;
    finiteDifference(evaluated, operands, alone).forEach((difference, k) => {
      const cotangent = cotangents[k];
      if (!difference || !cotangent) return;
      concrete(cotangent)
        .words()
        .forEach((word, at) => {
          expected += word * difference.derivative[at];
          error += Math.abs(word) * difference.error[at];
        });
    });
    if (gradient) checkTangentType(concrete(gradient), operand, "the cotangent");
    const got = gradient ? innerProduct([direction], [concrete(gradient)]) : noProduct;
    closeTo([got.sum], [expected], [error + 1e-5 * got.magnitude], `cotangent of operand ${i}`);
  });
}

const noProduct = { sum: 0, magnitude: 0 };
