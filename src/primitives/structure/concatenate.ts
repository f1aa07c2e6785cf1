import { avalOf, formatAvals, type Aval } from "../../core/aval.ts";
import { DTypeError, ShapeError } from "../../core/errors.ts";
import type { Shape } from "../../core/shape.ts";
import { concatenate as concatenateOp, full, slice } from "../../ir/ops.ts";
import { definePrimitive } from "../../ir/primitive.ts";
import { axisBeside, mappedAt } from "../batch-axes.ts";
import { expectAxis } from "../operand-checks.ts";
import { splitAtAxis } from "../../ir/layouts.ts";

declare module "../../ir/params.ts" {
  interface PrimitiveParams {
    readonly concatenate: ConcatenateParams;
  }
}

export interface ConcatenateParams {
  readonly axis: number;
}

const where = "concatenate";

/** Operands of one dtype, any, one behind the other along an axis (`lax.concatenate`). */
export const concatenate = definePrimitive<ConcatenateParams>({
  name: where,
  abstractEval: (inputs, { axis }) => {
    checkParts(inputs, axis);
    const [{ dtype, shape }] = inputs;
    const length = inputs.reduce((sum, part) => sum + part.shape[axis], 0);
    const weak = inputs.every((part) => part.weak);
    return [avalOf(dtype, shape.with(axis, length), weak)];
  },
  jvp: (parts, tangents, { axis }) => ({
    primals: [concatenateOp(parts, axis)],
    tangents: [
      concatenateOp(
        parts.map((part, i) => tangents[i] ?? full(part.shape, 0, "f32")),
        axis,
      ),
    ],
  }),
  transpose: ([cotangent], parts, { axis }) => {
    const starts = startsOf(parts, axis);
    return parts.map(({ linear, aval: { shape } }, i) => {
      if (!cotangent || !linear) return undefined;
      const start = shape.map((_, each) => (each === axis ? starts[i] : 0));
      const limit = shape.map((n, each) => (each === axis ? starts[i] + n : n));
      return slice(cotangent, start, limit);
    });
  },
  batch: (parts, axes, { axis }, size) => {
    const position = axes.find((mapped) => mapped !== undefined) ?? 0;
    const mapped = parts.map((part, i) => mappedAt(part, axes[i], position, size));
    return { values: [concatenateOp(mapped, axisBeside(axis, position))], axes: [position] };
  },
  lower: {
    kind: "assemble",
    pieces: ({ axis }, inputs, output) => {
      const whole = rowsOf(output.shape, axis);
      const starts = startsOf(
        inputs.map((aval) => ({ aval })),
        axis,
      );
      return inputs.map(({ shape }, input) => {
        const { outer, width } = rowsOf(shape, axis);
        const offset = starts[input] * splitAtAxis(shape, axis).inner;
        return {
          input,
          shape: [outer, width],
          from: { offset: 0, strides: [width, 1] },
          to: { offset, strides: [whole.width, 1] },
        };
      });
    },
  },
  reference: (parts, [out], { axis }) => {
    const whole = rowsOf(out.aval.shape, axis);
    const starts = startsOf(parts, axis);
    parts.forEach(({ aval, words }, i) => {
      const { outer, width } = rowsOf(aval.shape, axis);
      const offset = starts[i] * splitAtAxis(aval.shape, axis).inner;
      for (let row = 0; row < outer; row++) {
        const ofRow = words.slice(row * width, (row + 1) * width);
        out.words.set(ofRow, row * whole.width + offset);
      }
    });
  },
});

/** The array as rows: the axis and all behind it are one row. */
function rowsOf(shape: Shape, axis: number): { outer: number; width: number } {
  const { outer, length, inner } = splitAtAxis(shape, axis);
  return { outer, width: length * inner };
}

/** Position along the axis of each part's first element. */
function startsOf(parts: readonly { readonly aval: Aval }[], axis: number): number[] {
  let next = 0;
  return parts.map(({ aval }) => {
    const start = next;
    next += aval.shape[axis];
    return start;
  });
}

function checkParts(inputs: readonly Aval[], axis: number): void {
  if (inputs.length === 0) {
    throw new ShapeError("there is nothing to join", { where, expected: "at least one operand" });
  }
  const [first] = inputs;
  expectAxis(where, first, axis);
  if (inputs.some((part) => part.dtype !== first.dtype)) {
    throw new DTypeError("operands differ in dtype", {
      where,
      expected: "one dtype",
      got: formatAvals(inputs),
      fix: "Convert with astype first.",
    });
  }
  const fits = inputs.every(
    ({ shape }) =>
      shape.length === first.shape.length &&
      shape.every((n, each) => each === axis || n === first.shape[each]),
  );
  if (fits) return;
  throw new ShapeError("operands do not fit together", {
    where,
    expected: `equal sizes but along axis ${axis}`,
    got: formatAvals(inputs),
  });
}
