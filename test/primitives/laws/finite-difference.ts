import { fractionBits, isDifferentiable, isFixed } from "../../../src/core/dtype.ts";
import { Tensor } from "../../../src/core/tensor.ts";
import type { Tangent } from "../../../src/ir/primitive.ts";
import { uniformSource } from "../../support/random-data.ts";

/** Steps along multiples of 1/8 are exact for operands on the generators' grid. */
const step = 1 / 32;

/** Rounding of f32 results, several units to be safe with functions of lower accuracy. */
const unitRoundoff = 4 * 2 ** -24;

/** f32 directions, multiples of 1/8 in [-1, 1]; none for integers. */
export function tangentsOf(tensors: readonly Tensor[], seed: number): (Tensor | undefined)[] {
  const uniform = uniformSource(seed);
  return tensors.map(({ shape, dtype, size }) => {
    if (!isDifferentiable(dtype)) return undefined;
    const words = Float32Array.from({ length: size }, () => Math.round(uniform() * 16 - 8) / 8);
    return new Tensor({ shape, dtype: "f32", weak: false }, words);
  });
}

export interface Difference {
  readonly derivative: Float64Array;
  /** How far a right derivative may be off: truncation and rounding. */
  readonly error: Float64Array;
}

/** Fourth-order central differences of every f32 and q32 result along the tangents. */
export function finiteDifference(
  f: (operands: readonly Tensor[]) => readonly Tensor[],
  operands: readonly Tensor[],
  tangents: readonly Tangent[],
): (Difference | undefined)[] {
  const along = (distance: number): readonly Tensor[] =>
    f(operands.map((operand, i) => moved(operand, tangents[i], distance)));
  const far = [along(-2 * step), along(2 * step)];
  const near = [along(-step), along(step)];
  return near[0].map(({ dtype }, i) => {
    if (!isDifferentiable(dtype)) return undefined;
    const [below2, below, above, above2] = [far[0], near[0], near[1], far[1]].map((results) =>
      realValues(results[i]),
    );
    const quantum = isFixed(dtype) ? 2 ** -fractionBits(dtype) : 0;
    const derivative = below.map(
      (_, j) => (8 * (above[j] - below[j]) - (above2[j] - below2[j])) / (12 * step),
    );
    const error = derivative.map((slope, j) => {
      const rounding = Math.max(Math.abs(above2[j]), Math.abs(below2[j])) * unitRoundoff + quantum;
      // Both orders agree but for the second order's error, which bounds the fourth order's.
      const secondOrder = (above[j] - below[j]) / (2 * step);
      const truncation = Math.abs(secondOrder - slope) / 10;
      return truncation + 1e-4 * Math.abs(slope) + (2 * rounding) / step + 1e-5;
    });
    return { derivative, error };
  });
}

/** q32 in real values. */
function realValues(tensor: Tensor): Float64Array {
  const { dtype } = tensor;
  const unit = isFixed(dtype) ? 2 ** -fractionBits(dtype) : 1;
  return Float64Array.from(tensor.words(), (word) => word * unit);
}

function moved(operand: Tensor, tangent: Tangent, distance: number): Tensor {
  if (!(tangent instanceof Tensor)) return operand;
  const { dtype } = operand;
  const direction = tangent.words();
  const scale = isFixed(dtype) ? distance * 2 ** fractionBits(dtype) : distance;
  return new Tensor(
    operand.aval,
    operand.words().map((word, i) => word + direction[i] * scale),
  );
}
