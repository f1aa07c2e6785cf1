import { avalOf, formatAval } from "../../core/aval.ts";
import { ShapeError } from "../../core/errors.ts";
import { bindNamed } from "../../ir/ops.ts";
import { definePrimitive, type Primitive } from "../../ir/primitive.ts";
import { axisBeside, mappedAfterRemoval } from "../batch-axes.ts";
import { expectAxis } from "../operand-checks.ts";
import { splitAtAxis } from "../../ir/layouts.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly argMax: ArgExtremumParams;
    readonly argMin: ArgExtremumParams;
  }
}

export interface ArgExtremumParams {
  readonly axis: number;
}

/**
 * Position of the largest element along an axis, which disappears (`lax.argmax`, i32). The lowest
 * index wins ties, -0 equals +0, and the first NaN wins over numbers.
 */
export const argMax = argExtremum("argMax", (a, b) => a > b);

/** Position of the smallest element along an axis; rules as for {@link argMax}. */
export const argMin = argExtremum("argMin", (a, b) => a < b);

function argExtremum(
  name: "argMax" | "argMin",
  beats: (a: number, b: number) => boolean,
): Primitive<ArgExtremumParams> {
  return definePrimitive<ArgExtremumParams>({
    name,
    abstractEval: ([x], { axis }) => {
      expectAxis(name, x, axis);
      const shape = x.shape.filter((_, i) => i !== axis);
      if (x.shape[axis] === 0 && !shape.includes(0)) {
        throw new ShapeError("there is no element to choose", {
          where: name,
          expected: `a size above 0 on axis ${axis}`,
          got: formatAval(x),
        });
      }
      return [avalOf("i32", shape)];
    },
    jvp: "nonDifferentiable",
    transpose: "nonLinear",
    batch: ([x], [mapped = 0], { axis }) => ({
      values: bindNamed(name, [x], { axis: axisBeside(axis, mapped) }),
      axes: [mappedAfterRemoval(mapped, axisBeside(axis, mapped))],
    }),
    lower: { kind: "kernel" },
    reference: ([x], [out], { axis }) => {
      const { length, inner } = splitAtAxis(x.aval.shape, axis);
      const wins = (a: number, b: number): boolean =>
        beats(a, b) || (Number.isNaN(a) && !Number.isNaN(b));
      for (let o = 0; o < out.words.length; o++) {
        const first = Math.floor(o / inner) * length * inner + (o % inner);
        let best = 0;
        for (let l = 1; l < length; l++) {
          if (wins(x.words[first + l * inner], x.words[first + best * inner])) best = l;
        }
        out.words[o] = best;
      }
    },
  });
}
