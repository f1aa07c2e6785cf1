import { wordsOf } from "../../../src/core/dtype.ts";
import { Tensor } from "../../../src/core/tensor.ts";
import type { BatchAxis } from "../../../src/ir/primitive.ts";
import { batchOf } from "../../../src/transforms/batch-program.ts";
import { agree } from "./comparison.ts";
import { stack, unstack } from "./stacking.ts";
import {
  concrete,
  distinct,
  functionOf,
  type FlatFunction,
  type Operands,
  type Subject,
} from "./subject.ts";

/** The batching rule computes what a loop over the mapped axis does, wherever the axis lies. */
export const checkBatch = (subject: Subject, examples: readonly Operands[]): void =>
  checkBatchOf(functionOf(subject), examples, subject.tolerance);

/** {@link checkBatch} of any function. */
export function checkBatchOf(
  f: FlatFunction,
  examples: readonly Operands[],
  tolerance: number,
): void {
  const [first] = examples;
  checkNoExamples(f, first);
  for (const pattern of mappedPatterns(first.length)) {
    const looped = examples.map((example) => {
      const operands = first.map((operand, i) => (pattern[i] ? example[i] : operand));
      return f(...operands).map(concrete);
    });
    for (const axes of positionsOf(first, pattern)) {
      const mapped = first.map((operand, i) => {
        const axis = axes[i];
        const ofOperand = examples.map((example) => example[i]);
        return axis === undefined ? operand : stack(ofOperand, axis);
      });
      const batched = batchOf(f, mapped, axes, examples.length);
      batched.values.forEach((value, i) => {
        const slices = unstack(concrete(value), batched.axes[i], examples.length);
        slices.forEach((slice, k) =>
          agree(slice, looped[k][i], tolerance, `mapped over [${axes.join()}]`),
        );
      });
    }
  }
}

/** A mapped axis of size 0 gives results with an axis of size 0, and the right shape. */
function checkNoExamples(f: FlatFunction, operands: Operands): void {
  const mapped = operands.map(({ aval }) => {
    const words = wordsOf(aval.dtype, new ArrayBuffer(0));
    return new Tensor({ ...aval, shape: [0, ...aval.shape], weak: false }, words);
  });
  const axes = operands.map((): BatchAxis => 0);
  const batched = batchOf(f, mapped, axes, 0);
  const expected = f(...operands);
  batched.values.forEach((value, i) => {
    const axis = batched.axes[i];
    if (axis === undefined) throw new Error("a result of mapped operands is not mapped");
    const shape = expected[i].shape.toSpliced(axis, 0, 0);
    if (value.shape.join() === shape.join()) return;
    throw new Error(
      `of no examples the result has shape [${value.shape.join()}], not [${shape.join()}]`,
    );
  });
}

/** All operands, each alone, and all but each. */
function mappedPatterns(count: number): readonly (readonly boolean[])[] {
  const all = Array.from({ length: count }, () => true);
  const alone = all.map((_, chosen) => all.map((_mapped, i) => i === chosen));
  const others = all.map((_, left) => all.map((_mapped, i) => i !== left));
  return distinct([all, ...alone, ...others]);
}

/** First everywhere, last everywhere, and last in every other operand. */
function positionsOf(operands: Operands, pattern: readonly boolean[]): readonly BatchAxis[][] {
  const positions = ["first", "last", "mixed"] as const;
  const axes = positions.map((position) =>
    operands.map(({ rank }, i): BatchAxis => {
      if (!pattern[i]) return undefined;
      return position === "first" || (position === "mixed" && i % 2 === 1) ? 0 : rank;
    }),
  );
  return [...new Map(axes.map((each) => [each.join(), each])).values()];
}
