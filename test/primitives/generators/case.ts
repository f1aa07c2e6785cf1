import fc from "fast-check";
import type { DType } from "../../../src/core/dtype.ts";
import type { Shape } from "../../../src/core/shape.ts";
import type { Tensor } from "../../../src/core/tensor.ts";
import type { Params } from "../../../src/ir/primitive.ts";
import { Draw } from "./draw.ts";

/** Applications of one primitive with the same params and operand shapes. */
export interface Case {
  readonly params: Params;
  readonly draw: (draw: Draw) => readonly Tensor[];
  /** The function is smooth where the operands are drawn, so that finite differences mean something. */
  readonly smooth: boolean;
  /** There are no operands. */
  readonly isNullary?: boolean;
}

export interface Generator {
  readonly cases: readonly Case[];
  /** Backends agree to this fraction of the largest element; without it, to the bit. */
  readonly tolerance?: number;
  /** Its rules compute in another way than the operation itself: the tolerance is also theirs. */
  readonly rulesDiffer?: boolean;
}

/** Operands of a case, for properties. */
export const operandsOf = (each: Case): fc.Arbitrary<readonly Tensor[]> =>
  fc.nat().map((seed) => each.draw(new Draw(seed)));

export const smoothCase = (draw: Case["draw"], params: Params = {}): Case => ({
  draw,
  params,
  smooth: true,
});
export const roughCase = (draw: Case["draw"], params: Params = {}): Case => ({
  draw,
  params,
  smooth: false,
});

/** Scalars, nothing, one element, and sizes that are no multiples of 4 and of 64. */
export const shapes: readonly Shape[] = [[], [0], [1], [7], [3, 67], [2, 0, 3]];

/** A dtype without derivatives at all shapes. */
export const integerCases = (dtypes: readonly DType[], count: number): Case[] =>
  dtypes.flatMap((dtype) =>
    shapes.map((shape) =>
      roughCase((draw) => Array.from({ length: count }, () => draw.values(dtype, shape))),
    ),
  );
