import { sizeOf, type Shape } from "../../core/shape.ts";
import type { View } from "../../ir/lowering.ts";
import { mergeAxes } from "../../plan/view.ts";

/** How a tile program reads an operand. */
export type TileInput =
  | { readonly kind: "contiguous"; readonly offset: number }
  | { readonly kind: "uniform"; readonly offset: number }
  | {
      readonly kind: "strided";
      readonly offset: number;
      readonly shape: Shape;
      readonly strides: readonly number[];
    };

const kindNumbers = { contiguous: 0, uniform: 1, strided: 2 } as const;

/** The fastest way to read the elements of a view of the iteration shape. */
export function tileInput(shape: Shape, { offset, strides }: View): TileInput {
  if (sizeOf(shape) === 0) return { kind: "contiguous", offset };
  const merged = mergeAxes({ shape, offset, strides });
  if (merged.strides.every((stride) => stride === 0)) return { kind: "uniform", offset };
  if (merged.shape.length === 1 && merged.strides[0] === 1) return { kind: "contiguous", offset };
  return { kind: "strided", ...merged };
}

/** Kind, offset, and for strided operands rank and the axes' sizes and strides, outermost first. */
export function inputWords(input: TileInput): readonly number[] {
  const words = [kindNumbers[input.kind], input.offset];
  if (input.kind !== "strided") return words;
  const axes = input.shape.flatMap((size, axis) => [size, input.strides[axis]]);
  return [...words, input.shape.length, ...axes];
}
