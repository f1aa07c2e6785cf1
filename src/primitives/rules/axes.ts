import { formatAval, type Aval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { formatShape } from "../../core/shape.ts";

/** Every axis exists and none is named twice. Axes count from 0: negative ones are resolved above. */
export function expectDistinctAxes(where: string, x: Aval, axes: readonly number[]): void {
  const exist = axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < x.shape.length);
  if (exist && new Set(axes).size === axes.length) return;
  throw new ShapeError("the axes do not fit", {
    where,
    expected: `distinct axes of ${formatAval(x)}, counted from 0`,
    got: formatShape(axes),
  });
}

/** The axes of `rank` that are not among `axes`, ascending. */
export const otherAxes = (rank: number, axes: readonly number[]): number[] =>
  Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !axes.includes(axis));
