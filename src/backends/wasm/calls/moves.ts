import { ShapeError } from "../../../core/errors.ts";
import { formatShape, type Shape } from "../../../core/shape.ts";
import { copyStep, copyStridedStep, fillStep, type Moves } from "../../../plan/index.ts";

/** Most axes that `copyStrided` takes. */
const maxRank = 8;

/** How the kernels `fill`, `copyWords` and `copyStrided` are called. */
export const moves: Moves = {
  fill: (count, bits) => ({ steps: [fillStep(0, count, bits)] }),
  copy: (count) => ({ steps: [copyStep(count)] }),
  copyStrided: (copy, where) => {
    const step = copyStridedStep(copy);
    if (step.immediates[0] > maxRank) throw tooManyAxes(copy.shape, where);
    return { steps: [step] };
  },
};

const tooManyAxes = (shape: Shape, where: string): ShapeError =>
  new ShapeError("too many axes for one rearrangement", {
    where,
    expected: `at most ${maxRank} axes that do not merge`,
    got: formatShape(shape),
    fix: "Reshape to fewer axes first, or transpose in several steps.",
  });
