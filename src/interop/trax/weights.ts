import type { Shape } from "../../core/shape.ts";
import type { Tensor } from "../../core/tensor.ts";
import { invalid, unlessProblems, type Validated } from "../../edge/problem.ts";
import { weightProblems } from "../named-tensors.ts";

/** One of a checkpoint, which has a number instead of a name. */
export interface Weight {
  readonly name: string;
  readonly tensor: Tensor;
  /** Numbers on the way to it. */
  readonly place: readonly number[];
}

/** trax's ways to keep them: a flat list, or until June 2020 tuples of tuples; alone in a file they have numbers only. */
const weightName = /^(?:(?:flat_)?weights\.)?(\d+(?:\.\d+)*)$/;

/** The weights among a checkpoint's arrays, in their order. */
export const weightsIn = (arrays: ReadonlyMap<string, Tensor>): readonly Weight[] =>
  [...arrays]
    .flatMap(([name, tensor]): Weight[] => {
      const place = weightName.exec(name)?.[1];
      return place === undefined ? [] : [{ name, tensor, place: place.split(".").map(Number) }];
    })
    .sort((a, b) => compare(a.place, b.place));

const compare = (a: readonly number[], b: readonly number[]): number => {
  const at = a.findIndex((number, i) => number !== b[i]);
  return at < 0 ? 0 : a[at] - (b[at] ?? -1);
};

/** The tensors, if they are as the layout says. Where there are more or fewer, only the first that differs is told. */
export function collect(
  layout: readonly (readonly [name: string, shape: Shape])[],
  weights: readonly Weight[],
): Validated<readonly Tensor[]> {
  if (weights.length === 0) {
    return invalid({
      where: "weights",
      problem: "are not among these arrays",
      expected: "arrays named flat_weights.0, weights.0 or 0, and so on",
      got: "none",
      fix: "Since 2021 they are in a file beside it, .weights.npy.gz: readNpy reads it.",
    });
  }
  const problems = layout.flatMap(([ours, shape], i) => {
    const { name, tensor } = weights[i] ?? { name: `weights.${i}` };
    return weightProblems(`${name} (${ours})`, shape, tensor);
  });
  if (weights.length !== layout.length) {
    return unlessProblems(
      [
        {
          where: "weights",
          problem: "are not as many as the options say",
          expected: `${layout.length}`,
          got: `${weights.length}`,
        },
        ...problems.slice(0, 1),
      ],
      () => [],
    );
  }
  return unlessProblems(problems, () => weights.map(({ tensor }) => tensor));
}
