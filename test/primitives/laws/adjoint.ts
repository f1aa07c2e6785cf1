import type { Value } from "../../../src/core/value.ts";
import { vjp } from "../../../src/transforms/index.ts";
import { jvpOf } from "../../../src/transforms/jvp.ts";
import { agree, closeTo, innerProduct } from "./comparison.ts";
import { tangentsOf } from "./finite-difference.ts";
import {
  checkTangentType,
  concrete,
  functionOf,
  hasTangents,
  tangentPatterns,
  zerosLike,
  type FlatFunction,
  type Operands,
  type Subject,
} from "./subject.ts";

/** Reverse mode is the adjoint of forward mode: u . (J v) = (J^T u) . v for any u and v. */
export const checkAdjoint = (subject: Subject, operands: Operands, seed: number): void =>
  checkAdjointOf(functionOf(subject), operands, subject.tolerance, seed);

/** {@link checkAdjoint} of any function. */
export function checkAdjointOf(
  f: FlatFunction,
  operands: Operands,
  tolerance: number,
  seed: number,
): void {
  const plain = f(...operands).map(concrete);
  const smooth = plain.flatMap((result, i) => (hasTangents(result) ? [i] : []));
  const directions = tangentsOf(operands, seed);
  const u = smooth.map((i) => concrete(tangentsOf(plain, seed + 1)[i]));
  for (const pattern of tangentPatterns(operands)) {
    const varied = operands.flatMap((_, i) => (pattern[i] ? [i] : []));
    const ofVaried: FlatFunction = (...values) => {
      const all = operands.map((operand, i) => values[varied.indexOf(i)] ?? operand);
      const results = f(...all);
      return smooth.map((i) => results[i]);
    };
    const inputs = varied.map((i) => operands[i]);
    const v = varied.map((i) => concrete(directions[i]));
    const [primals, pullBack] = vjp<Value[], readonly Value[]>(ofVaried, ...inputs);
    primals.forEach((primal, i) =>
      agree(concrete(primal), plain[smooth[i]], tolerance, "vjp's primal"),
    );
    const pulled = pullBack(u).map(concrete);
    pulled.forEach((gradient, i) => checkTangentType(gradient, inputs[i], "the gradient"));
    const pushed = jvpOf(ofVaried, inputs, v).tangents.map((tangent, i) =>
      tangent ? concrete(tangent) : zerosLike(u[i]),
    );
    const forward = innerProduct(u, pushed);
    const backward = innerProduct(v, pulled);
    const error = 1e-5 * (forward.magnitude + backward.magnitude) + 1e-6;
    closeTo([backward.sum], [forward.sum], [error], "(J^T u) . v");
  }
}
