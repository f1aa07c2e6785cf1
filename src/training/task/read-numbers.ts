import { formatAval } from "../../core/aval.ts";
import { NonFiniteError, ReformaxError } from "../../core/errors.ts";
import { tensorsIn } from "../checkpoint/tensors.ts";
import { lossOf } from "./metric.ts";
import type { Numbers, StepFacts, Task } from "./task.ts";

/** What to do about numbers that are not finite. */
export const divergenceAdvice =
  "Lower the learning rate, lengthen the warm-up or clip the gradient harder.";

/** The record of a step whose metrics are one number each: what a task without `read` reports. */
export function readNumbers(
  { metrics: declared, name }: Pick<Task, "metrics" | "name">,
  metrics: unknown,
  { step, seconds }: StepFacts,
): Numbers {
  const reported = Object.fromEntries(
    [...tensorsIn(metrics, "what the step reports", `task ${name}`)].map(([key, tensor]) => {
      if (tensor.size === 1) return [key, tensor.item()];
      throw new ReformaxError("a metric is one number", {
        where: `task ${name}`,
        expected: `${key}: f32[]`,
        got: formatAval(tensor.aval),
        fix: "Reduce it in the step, or give the task a function `read`.",
      });
    }),
  );
  const numbers: Numbers = { ...reported, stepsPerSecond: 1 / seconds };
  for (const { name: key } of declared) {
    if (key in numbers) continue;
    const got = Object.keys(reported).join(", ");
    throw new ReformaxError("the step does not report a metric that the task declares", {
      where: `task ${name}`,
      expected: key,
      got: got === "" ? "no metrics" : got,
    });
  }
  checkLoss(numbers, declared, step);
  return numbers;
}

function checkLoss(numbers: Numbers, declared: Task["metrics"], step: number): void {
  const loss = lossOf(declared)?.name;
  if (loss === undefined || Number.isFinite(numbers[loss])) return;
  throw new NonFiniteError("the loss is not finite", {
    where: `step ${step}`,
    got: `${loss} ${numbers[loss]}`,
    fix: divergenceAdvice,
  });
}
